"""One branch, adopted, made anew, or left alone: against the development forge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loop.world import ADA, BOT, MODEL, World
from mergeline.devforge import User
from mergeline.errors import ToolError
from mergeline.git import GitRepository
from mergeline.promotion.proposal import Proposal, Proposed, propose

PATH = f"models/{MODEL}/environments/production.yaml"
PROPOSAL = Proposal(
    model=MODEL,
    environment="production",
    digest="sha256:a",
    title="to production",
    body="a body",
    files={PATH: b"one\n"},
)
# Anybody can commit under the bot's name and address.
IMPOSTOR = User("ada", "mergeline", BOT.email, ADA.token)


class Bot:
    """Proposes, and looks at what became of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.git = GitRepository(world.clone)

    def propose(self, proposal: Proposal = PROPOSAL, *, reopen: bool = True) -> Proposed:
        with self.world.client(BOT) as forge:
            return propose(
                proposal,
                self.git,
                forge,
                base=self.git.resolve("origin/main"),
                base_branch="main",
                reopen=reopen,
            )

    def commit(self, path: str, text: str) -> str:
        """A person commits on top of the branch; the new tip."""
        world = self.world
        world.git("fetch", "--quiet", "origin")
        world.git("switch", "--quiet", "--detach", f"origin/{PROPOSAL.branch}")
        (world.clone / path).write_text(text)
        world.git("add", "--all")
        world.git("commit", "--quiet", "--message", "an edit", user=IMPOSTOR)
        world.git("push", "--quiet", "origin", f"HEAD:{PROPOSAL.branch}")
        tip = world.git("rev-parse", "HEAD")
        world.git("switch", "--quiet", "main")
        return tip

    @property
    def tip(self) -> str | None:
        return self.git.remote_branch(PROPOSAL.branch)


@pytest.fixture
def bot(world: World) -> Bot:
    return Bot(world)


def test_what_is_there_is_adopted_or_made_anew(bot: Bot) -> None:
    assert bot.propose().how == "opened"
    tip = bot.tip
    assert bot.propose().how == "adopted"
    assert bot.tip == tip
    other = replace(PROPOSAL, digest="sha256:b", files={PATH: b"two\n"})
    assert bot.propose(other).how == "updated"
    assert bot.tip != tip
    assert bot.propose(other).how == "adopted"


def test_a_commit_under_the_bots_name_is_a_persons(bot: Bot) -> None:
    bot.propose()
    tip = bot.commit("README.md", "beside it\n")
    assert bot.propose().how == "left alone"
    assert bot.tip == tip


def test_who_writes_a_commit_into_the_body_wins_nothing(bot: Bot) -> None:
    """The bot takes it for its own, sees that it says something else, and puts its own there."""
    opened = bot.propose().pull_request
    tip = bot.commit("README.md", "beside it\n")
    with bot.world.client(ADA) as forge:
        forge.update_pull_request(opened.number, body=PROPOSAL.text(tip))
    assert bot.propose().how == "updated"
    assert bot.git.changed_paths("origin/main", str(bot.tip)) == [PATH]


def test_killed_between_body_and_branch_it_goes_on(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.propose()
    other = replace(PROPOSAL, digest="sha256:b", files={PATH: b"two\n"})
    with monkeypatch.context() as patch:

        def cut(*_: object, **__: object) -> None:
            raise ToolError("the remote is gone")

        patch.setattr(GitRepository, "push", cut)
        with pytest.raises(ToolError):
            bot.propose(other)
    assert bot.propose(other).how == "updated"
    assert bot.git.tree(str(bot.tip)).read(PATH) == b"two\n"


def test_a_closed_one_is_opened_again_only_if_asked(bot: Bot) -> None:
    opened = bot.propose().pull_request
    with bot.world.client(ADA) as forge:
        forge.update_pull_request(opened.number, state="closed")
    assert bot.propose(reopen=False).how == "left alone"
    assert bot.propose().how == "opened"


@pytest.mark.slow
def test_each_kind_has_a_branch_that_git_can_have_beside_the_others(bot: Bot) -> None:
    kinds = ("promotion", "emergency", "rollback", "hold", "adoption")
    assert {bot.propose(replace(PROPOSAL, kind=kind)).how for kind in kinds} == {"opened"}
