"""kubectl debug --copy-to with another image for every container, the supervisor among them."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.kubectl("debug", "dev", f"--copy-to={user.new_name()}", "--set-image=*=evil:1",
                        "--share-processes=false", "--profile=baseline")
