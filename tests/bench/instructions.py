"""Instructions per request in user space, counted by callgrind: steady to about 1%.

Each server runs twice, with few and with many requests on one connection; the difference is free
of what starting and ending cost.
"""

import re

from servers import RECORDINGS, Nginx, Webhook, read_answer, request_bytes

FEW, MANY = 200, 1200


def total(make, path, body, requests):
    """Instructions of a whole run."""
    server = make(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                   "--quiet", "--log-fd=2", "--verbose"])
    with server:
        with server.connect(server.tls_context()) as connection:
            for _ in range(requests):
                connection.sendall(request_bytes(path, body))
                answer = read_answer(connection)
    found = re.search(r"Collected : (\d+)", server.log.read_text())
    if not found:
        raise RuntimeError(f"{server.name}: callgrind counted nothing:\n{server.log.read_text()[-2000:]}")
    return int(found.group(1)), answer


def per_request(make, path, body):
    few, answer = total(make, path, body, FEW)
    many, _ = total(make, path, body, MANY)
    return (many - few) / (MANY - FEW), answer


def measure(directory, binary, cvm_review):
    body = (RECORDINGS / "05-mutate-pod-create-workspace.json").read_bytes()

    def webhook(wrap):
        return Webhook(directory, binary, wrap=wrap)

    mutate, answer = per_request(webhook, "/mutate", body)
    validate, _ = per_request(webhook, "/validate", cvm_review.read_bytes())
    nginx, _ = per_request(lambda wrap: Nginx(directory, answer.decode().strip(), wrap=wrap),
                           "/mutate", body)
    print("\n| server | instructions/request | to nginx |\n| --- | --: | --: |")
    for title, count in (("nginx: body read, fixed answer", nginx),
                         ("cvm-webhook /mutate, 100 nodes", mutate),
                         ("cvm-webhook /validate, 100 nodes", validate)):
        print(f"| {title} | {count:,.0f} | {count / nginx:.2f} |")
    return True
