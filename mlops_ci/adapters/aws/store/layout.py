"""The version of the layout of a store on S3: looked at once a command, and written by whoever writes first."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.formats import FORMAT, FORMAT_NAME, TODAY, version_in


@dataclass(slots=True)
class Layout:
    """Knows of one store what it has seen of its `format.json`."""

    bucket: Bucket
    _is_checked: bool = field(default=False, init=False)
    _is_said: bool = field(default=False, init=False)

    def check(self) -> None:
        """Return if this mlops-ci may read and write the store.

        Raises:
            ProviderError: a newer mlops-ci wrote it, or S3 refuses to say.
            IntegrityError: what says the version is damaged.

        """
        if self._is_checked:
            return
        content = self.bucket.get(FORMAT_NAME)
        if content is not None:
            place = f"{self.bucket.address}/{FORMAT_NAME}"
            hint = f"where there is no backup: echo '{TODAY.decode().strip()}' | aws s3 cp - {place}"
            self._is_said = version_in(content, place, str(self.bucket.address), hint) == FORMAT
        self._is_checked = True

    def make_ready(self) -> None:
        """Have `format.json` say today's layout; raises as `check`."""
        self.check()
        if not self._is_said:
            self.bucket.put_new(FORMAT_NAME, TODAY)
            self._is_said = True
