"""The address of a store on S3: `s3://bucket/prefix`."""

from __future__ import annotations

import re
from dataclasses import dataclass

SCHEME = "s3://"
_BUCKET = re.compile(r"(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_PART = re.compile(r"[A-Za-z0-9!_.*'()=+@ -]+", re.ASCII)
"""What every S3-compatible service takes in a key without coding it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""


@dataclass(frozen=True, slots=True)
class Address:
    """A bucket, and a prefix that ends in `/` or is empty: an object's key is prefix and place in the store."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.prefix}".rstrip("/")

    def below(self, path: str) -> Address:
        """Return the address of a store in this one."""
        return Address(self.bucket, f"{self.prefix}{path}/")


def is_remote(store: str) -> bool:
    """Return whether a store is named by an address of any scheme, and not by a folder."""
    return "://" in store


def address_of(store: str) -> Address | None:
    """Return the address that a target's `store` gives, or None where it is none: see `wrong_with`."""
    if wrong_with(store):
        return None
    bucket, _, prefix = store.removeprefix(SCHEME).partition("/")
    prefix = prefix.removesuffix("/")
    return Address(bucket, f"{prefix}/" if prefix else "")


def wrong_with(store: str) -> str:
    """Return what is wrong with a store's address, for people; empty where it is fit."""
    if not store.startswith(SCHEME):
        return "a store is a folder or `s3://bucket/prefix`"
    bucket, _, prefix = store.removeprefix(SCHEME).partition("/")
    if not _BUCKET.fullmatch(bucket):
        return "a bucket's name has 3 to 63 lower-case letters, digits, hyphens and single dots"
    if any(part in {".", ".."} or not _PART.fullmatch(part) for part in prefix.removesuffix("/").split("/") if prefix):
        return "a prefix is names joined by single `/`, of letters, digits and `!_.*'()=+@-`"
    return ""
