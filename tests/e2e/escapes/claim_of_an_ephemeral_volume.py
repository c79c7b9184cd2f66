"""A generic ephemeral volume whose claim asks for a certain PersistentVolume: the node's /var/lib.

No claim is named in the pod; the one that is made for it is called by the pod's name and the volume's.
"""

RULES = ("host-volume",)


def attempt(user):
    template = {"spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "",
                         "volumeName": "var-lib", "resources": {"requests": {"storage": "1Gi"}}}}
    pod = user.new_cvm(
        volumes=[{"name": "scratch", "ephemeral": {"volumeClaimTemplate": template}}])
    user.claim(f"{pod}-scratch", hostPath={"path": "/var/lib"})
    return user.bind_when_known(pod, "cvm-1")
