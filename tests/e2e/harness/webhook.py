"""cvm-webhook as it is shipped: the release binary with the Deployment's own arguments."""

import concurrent.futures
import contextlib
import copy
import dataclasses
import hashlib
import http.client
import itertools
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess

import yaml

from .controlplane import ControlPlane
from .processes import Process, wait_for


def merged(base: dict, patch: dict) -> dict:
    """RFC 7396: what `patch` changes in `base`."""
    result = copy.deepcopy(base)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


class MountedVolume:
    """A directory as the kubelet writes ConfigMaps and Secrets.

    The files are links into a directory with a time in its name; an update replaces one link to
    that directory. Nothing that is watched by name is ever written to.
    """

    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        self._versions = itertools.count()
        directory.mkdir(parents=True)

    def write(self, files: dict[str, str]):
        version = self.directory / f"..version_{next(self._versions)}"
        version.mkdir()
        for name, content in files.items():
            (version / name).write_text(content)
        link = self.directory / "..data_tmp"
        link.symlink_to(version.name)
        os.replace(link, self.directory / "..data")
        for name in files:
            entry = self.directory / name
            if not entry.is_symlink():
                entry.symlink_to(f"..data/{name}")


@dataclasses.dataclass
class Certificates:
    """A CA and what it issues, made by `cvm-webhook certs issue` as an administrator would."""

    binary: pathlib.Path
    directory: pathlib.Path

    @classmethod
    def new_ca(cls, binary: pathlib.Path, directory: pathlib.Path) -> "Certificates":
        certificates = cls(binary, directory)
        certificates._issue()
        return certificates

    def _issue(self, *more):
        subprocess.run([self.binary, "certs", "issue", "--dir", self.directory, "--service",
                        "cvm-webhook", "--ip", "127.0.0.1", *more],
                       check=True, capture_output=True, text=True)

    def renew(self):
        """A new serving certificate of the same CA."""
        self._issue("--force", "--ca-cert", self.directory / "ca.crt",
                    "--ca-key", self.directory / "ca.key")

    @property
    def ca(self) -> str:
        return (self.directory / "ca.crt").read_text()

    def secret(self) -> dict[str, str]:
        return {name: (self.directory / name).read_text() for name in ("tls.crt", "tls.key")}

    def serial(self) -> str:
        out = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in",
                              self.directory / "tls.crt"],
                             check=True, capture_output=True, text=True).stdout
        return out.strip().partition("=")[2].lstrip("0")


class WebhookInstance:
    """One `cvm-webhook serve`, as a pod of the Deployment would run it."""

    def __init__(self, name: str, binary: pathlib.Path, arguments: list[str],
                 directory: pathlib.Path, settings: dict, certificates: Certificates,
                 kubeconfig: pathlib.Path):
        self.name = name
        self.binary = binary
        self.settings = settings
        self._settings_volume = MountedVolume(directory / "settings")
        self._tls_volume = MountedVolume(directory / "tls")
        self.write_settings(settings)
        self.write_certificate(certificates.secret())
        self._ca = certificates.ca
        self.process = Process(name, [binary, *(_on_loopback(arguments, directory, kubeconfig))],
                               directory / "log")
        start = wait_for(f"{name} to serve", self._start_line)
        self.port = int(start["listen"].rpartition(":")[2])
        self.ops_port = int(start["ops"].rpartition(":")[2])
        wait_for(f"{name} to be ready",
                 lambda: self.process.must_run() and self.ops("/readyz")[0] == 200)

    def _start_line(self):
        self.process.must_run()
        return next((line for line in self.log_lines() if line.get("msg") == "serving"), None)

    def log_lines(self) -> list[dict]:
        lines = self.process.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def write_settings(self, settings):
        text = settings if isinstance(settings, str) else yaml.safe_dump(settings, sort_keys=False)
        self._settings_volume.write({"settings.yaml": text})

    def write_certificate(self, secret: dict[str, str]):
        self._tls_volume.write(secret)

    def trust(self, ca: str):
        self._ca = ca

    def ops(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.ops_port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def metric(self, name: str, **labels) -> float:
        """The sum of a metric's values over the series that have these labels."""
        total, found = 0.0, False
        for line in self.ops("/metrics")[1].splitlines():
            match = re.fullmatch(r"([a-zA-Z0-9_:]+)(?:\{(.*)\})? (\S+)", line)
            if not match or match[1] != name:
                continue
            have = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
            if all(have.get(key) == value for key, value in labels.items()):
                total, found = total + float(match[3]), True
        assert found, f"{self.name} has no metric {name} with {labels}"
        return total

    def serving_serial(self) -> str:
        """The serial number of the certificate that a new connection is given."""
        context = ssl.create_default_context(cadata=self._ca)
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
                return tls.getpeercert()["serialNumber"].lstrip("0")

    def stop(self):
        self.process.kill()


def _on_loopback(arguments: list[str], directory: pathlib.Path, kubeconfig: pathlib.Path):
    """The Deployment's arguments with only paths, addresses and credentials replaced."""
    replaced = {
        "--in-cluster": f"--kubeconfig={kubeconfig}",
        "--listen": "--listen=127.0.0.1:0",
        "--ops-listen": "--ops-listen=127.0.0.1:0",
        "--drain-delay": "--drain-delay=2s",
    }
    result = []
    for argument in arguments:
        name = argument.partition("=")[0]
        result.append(replaced.get(name) or argument.replace("/etc/cvm-webhook", str(directory)))
    return result


def _key(settings: dict) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


class Webhooks:
    """The instances of a session: one for each settings that a test asks for, kept until its end."""

    def __init__(self, control_plane: ControlPlane, binary: pathlib.Path, directory: pathlib.Path,
                 deployment: dict, settings: dict):
        self._binary = binary
        self._directory = directory
        self._arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
        self._settings = settings
        self._kubeconfig = control_plane.service_account_kubeconfig("cvm-system", "cvm-webhook")
        self._kept: dict[str, WebhookInstance] = {}
        self._all: list[WebhookInstance] = []
        self._numbers = itertools.count()
        # Kept to the end: the kernel ends a process with the thread that started it.
        self._starters = concurrent.futures.ThreadPoolExecutor(8)
        self.certificates = Certificates.new_ca(binary, directory / "certificates")

    def start(self, settings: dict | None = None, **changes) -> WebhookInstance:
        """A new instance with the shipped settings, changed as given.

        Instances with different settings live side by side here, so that none marks nodes unless
        it is asked to.
        """
        settings = merged({"nodes": {"mark": False}}, settings or {})
        arguments = changes.pop("arguments", self._arguments) + changes.pop("more_arguments", [])
        name = f"webhook-{next(self._numbers)}"
        instance = WebhookInstance(
            name, self._binary, arguments, self._directory / name,
            merged(self._settings, settings), changes.pop("certificates", self.certificates),
            changes.pop("kubeconfig", self._kubeconfig))
        self._all.append(instance)
        return instance

    def kept(self, settings: dict) -> WebhookInstance:
        """The session's instance with these settings; nobody changes it."""
        key = _key(settings)
        if key not in self._kept:
            self._kept[key] = self.start(settings)
        return self._kept[key]

    @contextlib.contextmanager
    def keeping(self, every: list[dict]):
        """For as long: instances with all these settings, which start at once.

        Each takes a second, most of it waiting, until it is ready.
        """
        new = [settings for settings in every if _key(settings) not in self._kept]
        list(self._starters.map(self.kept, new))
        yield
        for settings in new:
            self._kept.pop(_key(settings)).stop()

    def stop(self):
        for instance in self._all:
            instance.stop()
        self._starters.shutdown()
