"""The user's serving script, by SageMaker's contract.

`model_fn(model_dir)` gives the model. Then either `transform_fn(model, data, content_type, accept)` does all, or
`input_fn(data, content_type)`, `predict_fn(data, model)` and `output_fn(prediction, accept)` do a part each; one that
is missing is stood in for by `defaults`.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from mlops_ci.runtime import defaults
from mlops_ci.runtime.decoding import Rows, checked
from mlops_ci.runtime.media import Refused, accept, content_type
from mlops_ci.runtime.package import PackageFolder, read

Respond = Callable[[str | bytes, str, str], Any]


class NoHandlers(Exception):  # noqa: N818 - named after what is missing
    """The package has no serving script, or the script lacks what the contract asks for."""


class Handler:
    """A loaded model and the functions that answer with it. Not thread-safe: a model need not be."""

    def __init__(self, package: PackageFolder, script: ModuleType, model: object) -> None:
        self._features = package.features
        self._own_input = hasattr(script, "input_fn") or hasattr(script, "transform_fn")
        self._outputs = None if hasattr(script, "output_fn") or hasattr(script, "transform_fn") else defaults.OUTPUTS
        self._respond = _responder(script, model, package.features)

    def invoke(self, body: bytes, content_header: str, accept_header: str) -> tuple[bytes, str]:
        """Return the answer's body and content type.

        Raises:
            Refused: the request is not one that this package can answer (4xx).
            Exception: whatever the user's code raises.

        """
        media, wanted = self.media(content_header, accept_header)
        return self.answer(self.rows(body, media), media, wanted)

    def media(self, content_header: str, accept_header: str) -> tuple[str, str]:
        """Return the media types of a request and of its answer.

        Raises:
            Refused: 415 or 406.

        """
        media = content_type(content_header)
        if not self._own_input and not defaults.decodes(media):
            raise Refused(
                415,
                f"content type `{media}` is not supported",
                supported=["application/jsonlines", *sorted(defaults.INPUTS)],
            )
        return media, accept(accept_header, self._outputs)

    def rows(self, body: bytes, media: str) -> Rows:
        """Return the checked body.

        Raises:
            Refused: 400 or 413.

        """
        return checked(body, media, self._features)

    def answer(self, rows: Rows, media: str, wanted: str) -> tuple[bytes, str]:
        """Return what the user's code answers to rows that were checked.

        Raises:
            Exception: whatever the user's code raises.

        """
        answer = self._respond(rows.data, media, wanted)
        body, kind = answer if isinstance(answer, tuple) and len(answer) == 2 else (answer, wanted)
        if isinstance(body, str):
            body = body.encode("utf-8")
        if not isinstance(body, bytes | bytearray | memoryview) or not isinstance(kind, str):
            raise TypeError(f"the answer must be str or bytes, or one of these and a content type, not {type(body)!r}")
        return bytes(body), kind


def load(root: Path) -> Handler:
    """Return the handler of an unpacked package.

    Changes this process for good: the package's environment variables and SM_MODEL_DIR are set, the code folder becomes
    the working folder and the first place to import from, and no bytecode is written.

    Raises:
        NoHandlers: there is no script, or no model_fn in it.
        Exception: whatever the user's script raises on import or in model_fn.

    """
    package = read(root.resolve())
    code = package.code
    script = code / package.entry if package.entry else own_script(package.model)
    if script is None or not script.is_file():
        raise NoHandlers(f"the package has no serving script{f' `{package.entry}`' if package.entry else ''}")
    os.environ.update(package.environment)
    os.environ["SM_MODEL_DIR"] = str(package.model)
    os.chdir(code)
    sys.dont_write_bytecode = True  # several workers share the folder, and its bytes are verified
    sys.path[:0] = dict.fromkeys([str(code), str(script.parent)])
    module = _module(script)
    if not callable(getattr(module, "model_fn", None)):
        raise NoHandlers(f"`{package.entry}` has no function model_fn(model_dir)")
    if hasattr(module, "transform_fn"):
        parts = [name for name in ("input_fn", "predict_fn", "output_fn") if hasattr(module, name)]
        if parts:
            raise NoHandlers(f"`{package.entry}` has transform_fn and {parts[0]}: it is one or the other")
    if not hasattr(module, "transform_fn") and not hasattr(module, "input_fn"):
        defaults.warm()
    return Handler(package, module, module.model_fn(str(package.model)))


def own_script(model: Path) -> Path | None:
    """Return the script of ours that serves a model without one of its own: that of an algorithm, known by its file."""
    return Path(__file__).with_name("xgboost_serve.py") if (model / "xgboost-model").is_file() else None


def _module(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(script.stem, script)
    if spec is None or spec.loader is None:
        raise NoHandlers(f"`{script.name}` is no Python script")
    module = importlib.util.module_from_spec(spec)
    sys.modules[script.stem] = module  # so that pickles and dataclasses find their module again
    spec.loader.exec_module(module)
    return module


def _responder(script: ModuleType, model: object, features: tuple[str, ...]) -> Respond:
    transform = getattr(script, "transform_fn", None)
    if transform is not None:
        return lambda data, media, wanted: transform(model, data, media, wanted)
    decode = getattr(script, "input_fn", None) or (lambda data, media: defaults.decode(data, media, features))
    predict = getattr(script, "predict_fn", defaults.predict)
    encode = getattr(script, "output_fn", defaults.encode)
    return lambda data, media, wanted: encode(predict(decode(data, media), model), wanted)
