"""Memory of many idle TLS connections, each of which has carried one real admission call."""

import resource

from servers import RECORDINGS, Webhook, more_files, read_answer, request_bytes

MAX_MIB = 500


def measure(directory, binary, count):
    more_files()
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < count + 100:
        raise RuntimeError(f"{count} connections need ulimit -n {count + 100} (its hard limit)")
    request = request_bytes("/mutate", (RECORDINGS / "05-mutate-pod-create-workspace.json").read_bytes())
    limits = ["--max-connections", str(count + 10)]
    with Webhook(directory, binary, arguments=limits) as webhook:
        before = webhook.rss_mib()
        context, connections = webhook.tls_context(), []
        try:
            for _ in range(count):
                connections.append(webhook.connect(context))
                connections[-1].sendall(request)
                read_answer(connections[-1])
            after = webhook.rss_mib()
            # The last one still works, so they were there all the time.
            connections[0].sendall(request)
            read_answer(connections[0])
        finally:
            for connection in connections:
                connection.close()
    good = after <= MAX_MIB
    print(f"\n{'PASS' if good else 'FAIL'}  {count} idle TLS connections: {after:.0f} MiB resident "
          f"(at most {MAX_MIB}), {(after - before) * 1024 / count:.1f} KiB each; {before:.1f} MiB before")
    return good
