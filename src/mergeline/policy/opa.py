"""Rego in OPA: a user's server, or one that this process starts; the only importer of its client.

A library is pushed below a prefix of its own (`mergeline.policy.mount`), derived from its digest:
its modules as `mergeline_<digest>/<path>`, its data as `data.mergeline_<digest>`. So pushing
again changes nothing, libraries of different commits do not mingle, and two runs can use a server
at once. The price: the server must let this client write policies and data, and what was pushed
stays until the server restarts or its owner deletes it, for another run may be using it. Whoever
else may write to the server can change the answers, so a server that decides promotions must be
writable by the promotions alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit

from mergeline.errors import ToolError, UsageError
from mergeline.findings import Location
from mergeline.policy.mount import mounted, prefix_of
from mergeline.policy.results import SEVERITIES, read_answers

if TYPE_CHECKING:
    from opa_client import OpaClient

    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.module import Module
    from mergeline.policy.results import PolicyResult

DEFAULT_PORT = 8181
_STRICT = {"strict-builtin-errors": "true"}


class OpaEngine:
    """Evaluates with an OPA server.

    Args:
        library: the policies.
        url: the server: `https://opa.example.com:8181`.
        token: a bearer token, or None.
        timeout: seconds to wait for each answer.
        direct: pass over the proxies of the environment?

    Raises:
        UsageError: the address cannot be read.
        ToolError: the server cannot be reached, or refuses the policies.
    """

    def __init__(
        self,
        library: PolicyLibrary,
        url: str,
        *,
        token: str | None = None,
        timeout: float = 10.0,
        direct: bool = False,
    ) -> None:
        self.library = library
        self._url = url
        self._timeout = timeout
        self._prefix = prefix_of(library)
        self._client = _client(url, token, timeout, direct=direct)
        try:
            self._push()
        except BaseException:
            self.close()
            raise

    def evaluate(self, package: str, document: Any) -> tuple[PolicyResult, ...]:
        """Return what a package says of an input document; see `PolicyEngine.evaluate`."""
        self.library.require(package)
        answers = {}
        for rule in SEVERITIES:
            if rule in self.library.rules_of(package):
                reply = self._ask(package, rule, document)
                if "result" in reply:
                    answers[rule] = reply["result"]
        return read_answers(self.library, package, answers)

    def value_of(self, module: Module, rule: str) -> Any:
        """Return what a rule of a module gives, without any input.

        Raises:
            ToolError: it cannot be evaluated, or is undefined.
        """
        reply = self._ask(module.package, rule, {})
        if "result" not in reply:
            raise ToolError(
                f"policy {module.package}.{rule} is undefined",
                location=self.library.location_of(module.package, rule),
            )
        return reply["result"]

    def close(self) -> None:
        """Close the connections."""
        self._client.close_connection()

    def _ask(self, package: str, rule: str, document: Any) -> dict[str, Any]:
        try:
            reply = self._client.query_rule(
                document, f"{self._prefix}.{package}", rule, query_params=_STRICT
            )
        except OSError as error:
            if _answer(error) is None:
                self._unreachable(error)
            raise ToolError(
                f"policy {package}.{rule} could not be evaluated: {_reason(error)}",
                location=self.library.location_of(package, rule),
            ) from None
        except ValueError as error:
            self._unreachable(error)
        if not isinstance(reply, dict):
            raise ToolError(f"the OPA server at {self._url} answered in an unknown shape")
        return reply

    def _push(self) -> None:
        from opa_client.errors import RegoParseError

        try:
            self._client.update_or_create_data(dict(self.library.data), self._prefix)
            self._push_modules(list(self.library.modules.values()))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            # The client reads every refusal as JSON of OPA's shape.
            self._unreachable(error)
        except RegoParseError as error:
            self._unreachable(ValueError(error.message or "an answer without a reason"))

    def _push_modules(self, modules: list[Module]) -> None:
        # OPA compiles with each module, so one that calls another's function comes after it.
        while modules:
            refused = [(module, error) for module in modules if (error := self._put(module))]
            if len(refused) == len(modules):
                raise refused[0][1]
            modules = [module for module, _ in refused]

    def _put(self, module: Module) -> ToolError | None:
        from opa_client.errors import RegoParseError

        identifier = f"{self._prefix}/{quote(module.path)}"
        text = mounted(module.text, self._prefix)
        try:
            self._client.update_policy_from_string(text, identifier, rego_compat=False)
        except RegoParseError as error:
            if not error.errors:
                # Refused for another reason than what the module says.
                self._unreachable(ValueError(error.message or "an answer without a reason"))
            return _not_valid(module, error)
        return None

    def _unreachable(self, error: Exception) -> NoReturn:
        hint = "check MERGELINE_OPA_URL and MERGELINE_OPA_TOKEN, and that the server runs"
        if "certificate" in str(error).lower():
            hint += "; an authority of your own is named by REQUESTS_CA_BUNDLE=/path/to/its.pem"
        raise ToolError(
            f"the OPA server at {self._url} does not answer as one "
            f"(within {self._timeout:g} s): {_reason(error)}",
            hint=hint,
        ) from None


def _client(url: str, token: str | None, timeout: float, *, direct: bool) -> OpaClient:
    from opa_client import OpaClient

    class DirectClient(OpaClient):  # type: ignore[misc]
        """A client that passes over the proxies of the environment."""

        def _init_session(self) -> Any:
            session = super()._init_session()
            session.trust_env = False
            return session

    host, port, ssl = _address(url)
    kind = DirectClient if direct else OpaClient
    return kind(host=host, port=port, ssl=ssl, token=token, retries=0, timeout=timeout)


def _address(url: str) -> tuple[str, int, bool]:
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORT
    except ValueError as error:
        raise _bad_address(url, str(error)) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _bad_address(url, "it is no http or https address")
    if parts.path.strip("/") or parts.query or parts.username:
        raise _bad_address(url, "it holds more than host and port")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return host, port, parts.scheme == "https"


def _bad_address(url: str, reason: str) -> UsageError:
    return UsageError(
        f"the address of the OPA server cannot be used: {url}: {reason}",
        hint="for example MERGELINE_OPA_URL=https://opa.example.com:8181",
    )


def _not_valid(module: Module, error: Any) -> ToolError:
    first: dict[str, Any] = next(iter(error.errors or []), {})
    place = first.get("location") or {}
    return ToolError(
        f"the policy is not valid Rego: {first.get('message') or error.message}",
        hint="opa check --strict policies tells more",
        location=Location(module.path, place.get("row", 1), place.get("col", 1)),
    )


def _answer(error: OSError) -> Any:
    """Return the server's answer that an error of `requests` carries, or None."""
    return getattr(error, "response", None)


def _reason(error: Exception) -> str:
    answer = _answer(error) if isinstance(error, OSError) else None
    if answer is None:
        return " ".join(str(error).split())
    try:
        content = answer.json()
        details = [one.get("message") for one in content.get("errors", [])]
        return "; ".join(str(one) for one in details or [content.get("message")])
    except (ValueError, AttributeError):
        return f"status {answer.status_code}"
