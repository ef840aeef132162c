"""The verb about data: pin."""

from __future__ import annotations

from mlops_ci.cli.session import Session


def data_verb(session: Session) -> int:
    """Write the version of what lies on S3 now into the manifests."""
    from mlops_ci.commands.pinning import Pinned, pin
    from mlops_ci.plan.far import SHOWN
    from mlops_ci.wiring import find

    def tell(one: Pinned) -> None:
        was, now = one.far.version[:SHOWN] or "(not pinned)", one.far.now[:SHOWN]
        what = f"{was} -> {now}" if one.is_new else f"{now}, as it was"
        session.say(f"{one.model}  {one.far.channel}  {one.far.address}  {what}")
        paths.update({one.path: None} if one.is_new else {})

    paths: dict[str, None] = {}
    if pin(session.world(), find(session.folder), session.models, tell):
        session.talk(f"hint: mlops-ci plan, then git commit {' '.join(paths)}")
    return 0
