"""Which variables of our environment the user's code sees."""

from __future__ import annotations

from mlops_ci.adapters.local.handing import for_pip, handed_on

OURS = {
    "PATH": "/bin", "LC_TIME": "C", "HOME": "/home/ada", "AWS_SECRET_ACCESS_KEY": "hush", "PIP_INDEX_URL": "https://x",
    "https_proxy": "http://p", "HTTP_PROXY": "http://p", "SSL_CERT_FILE": "/c", "CFLAGS": "-O2", "PYTEST_ADDOPTS": "-x",
    "TOKEN": "hush",
}  # fmt: skip


def test_the_user_s_tests_and_jobs_see_language_and_paths_and_what_is_named() -> None:
    assert set(handed_on(OURS)) == {"PATH", "LC_TIME", "HOME"}
    assert set(handed_on(OURS, passed=("TOKEN", "ABSENT"))) == {"PATH", "LC_TIME", "HOME", "TOKEN"}


def test_pip_sees_its_settings_proxies_certificates_and_a_compiler_s_flags_besides() -> None:
    more = {"PIP_INDEX_URL", "https_proxy", "HTTP_PROXY", "SSL_CERT_FILE", "CFLAGS"}
    assert set(for_pip(OURS)) == {"PATH", "LC_TIME", "HOME"} | more
