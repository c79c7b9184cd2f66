"""kubectl debug --copy-to, which makes a copy of the CVM whose containers share their processes."""

RULES = ("shared-process-namespace",)


def attempt(user):
    return user.kubectl("debug", "dev", f"--copy-to={user.new_name()}", "--image=busybox",
                        "--container=debugger", "--profile=baseline")
