"""Container images made on the spot: an archive of one layer, in the form of `docker save`."""

import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

CREATED = "2026-01-01T00:00:00Z"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


class Image:
    """A root directory in the making."""

    def __init__(self, root: pathlib.Path):
        self.root = root
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)

    def write(self, path: str, text: str, mode: int = 0o644):
        file = self._at(path)
        file.write_text(text)
        file.chmod(mode)

    def copy(self, source: pathlib.Path, path: str):
        shutil.copy2(source.resolve(), self._at(path))

    def copy_with_libraries(self, program: pathlib.Path, path: str):
        """The program and what ldd(1) says that it loads, at the same paths."""
        self.copy(program, path)
        told = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
        for word in told.split():
            if word.startswith("/"):
                self.copy(pathlib.Path(word), word)

    def busybox(self):
        """busybox with all its applets, the users root and coder, and /var/run as Debian has it."""
        for path in ("etc", "proc", "sys", "dev", "tmp", "root", "var/log", "var/lib", "run", "home/coder"):
            (self.root / path).mkdir(parents=True, exist_ok=True)
        (self.root / "tmp").chmod(0o1777)
        self.copy(pathlib.Path("/bin/busybox"), "/bin/busybox")
        for name in subprocess.run(["/bin/busybox", "--list"], check=True, capture_output=True,
                                   text=True).stdout.split():
            if name != "busybox":
                (self.root / "bin" / name).symlink_to("busybox")
        self.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\ncoder:x:1000:1000:coder:/home/coder:/bin/sh\n")
        self.write("/etc/group", "root:x:0:\ncoder:x:1000:\n")
        os.chown(self.root / "home/coder", 1000, 1000)
        (self.root / "var/run").symlink_to("../run")

    def _at(self, path: str) -> pathlib.Path:
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def pack(self, archive: pathlib.Path, names: list[str], config: dict):
        """Writes it under these names and forgets the directory."""
        layer = archive.with_suffix(".layer")
        with tarfile.open(layer, "w", format=tarfile.GNU_FORMAT) as tar:
            tar.add(self.root, arcname=".")
        digest = hashlib.sha256(layer.read_bytes()).hexdigest()
        described = json.dumps({
            "architecture": ARCHITECTURES[os.uname().machine], "os": "linux", "config": config, "created": CREATED,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}, "history": [{"created": CREATED}],
        }).encode()
        file = hashlib.sha256(described).hexdigest() + ".json"
        manifest = [{"Config": file, "RepoTags": names, "Layers": [f"{digest}/layer.tar"]}]
        with tarfile.open(archive, "w") as tar:
            for name, data in (("manifest.json", json.dumps(manifest).encode()), (file, described)):
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
            tar.add(layer, arcname=f"{digest}/layer.tar")
        layer.unlink()
        shutil.rmtree(self.root)
