"""Money lent inside a team: only what is free, only among members, given back as far as unspent."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.models import Budget, BudgetChange, BudgetPeriod, Loan, Membership, Team, User
from orchestrator.services.money import budgets, ledger, loans
from orchestrator.services.money.changes import Author
from orchestrator.services.money.ledger import BudgetExhausted
from orchestrator.services.money.loans import LoanRefused
from orchestrator.services.upkeep.invariants import money as invariants
from tests.services import books
from tests.services.drivers import NOW, make_driver, make_hold

pytestmark = pytest.mark.django_db


def limited(user: User, limit_nano: int | None = 100, period: str = "day") -> Budget:
    return budgets.set_limit("user", str(user.pk), period, limit_nano, now=NOW)


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Acme")


@pytest.fixture
def ada(team: Team) -> User:
    made = make_driver("ada")
    Membership.objects.create(user=made, team=team)
    return made


@pytest.fixture
def bob(team: Team) -> User:
    made = make_driver("bob")
    Membership.objects.create(user=made, team=team)
    return made


def lend(giver: User, taker: User, amount_nano: int) -> Loan:
    mine = Budget.objects.get(scope_id=str(giver.pk))
    theirs = Budget.objects.get(scope_id=str(taker.pk))
    return loans.lend(Author(giver, "for the demo"), mine, theirs, amount_nano, NOW)


def total() -> int:
    return sum(BudgetPeriod.objects.values_list("lent_nano", flat=True))


def test_what_is_lent_moves_from_one_ceiling_to_the_other(ada: User, bob: User) -> None:
    limited(ada)
    limited(bob)
    lend(ada, bob, 40)
    ledger.reserve(make_hold(bob, 140), NOW)
    with pytest.raises(BudgetExhausted):
        ledger.reserve(make_hold(ada, 61), NOW)
    ledger.reserve(make_hold(ada, 60), NOW)
    assert total() == 0
    assert books.faults(books.rows()) == []
    kinds = set(BudgetChange.objects.exclude(kind="set").values_list("kind", "note"))
    assert kinds == {("lent", "for the demo"), ("borrowed", "for the demo")}


def test_what_is_held_or_spent_cannot_be_lent(ada: User, bob: User) -> None:
    limited(ada)
    limited(bob)
    ledger.reserve(make_hold(ada, 70), NOW)
    with pytest.raises(LoanRefused, match="are free to lend"):
        lend(ada, bob, 31)
    lend(ada, bob, 30)
    with pytest.raises(LoanRefused):
        lend(ada, bob, 1)


def test_only_what_is_unspent_is_given_back_and_never_twice(ada: User, bob: User) -> None:
    limited(ada)
    limited(bob, 10)
    loan = lend(ada, bob, 40)
    ledger.reserve(make_hold(bob, 30), NOW)
    with pytest.raises(LoanRefused, match="are not spent or held"):
        loans.give_back(Author(bob), loan, 21, NOW)
    loans.give_back(Author(bob), loan, 20, NOW)
    loan.refresh_from_db()
    assert loan.open_nano == 20
    with pytest.raises(LoanRefused, match="still open"):
        loans.give_back(Author(bob), loan, 21, NOW)
    ledger.reserve(make_hold(ada, 80), NOW)
    assert total() == 0


def test_a_loan_ends_with_its_period(ada: User, bob: User) -> None:
    limited(ada)
    limited(bob)
    loan = lend(ada, bob, 40)
    tomorrow = NOW + timedelta(days=1)
    ledger.reserve(make_hold(ada, 100), tomorrow)
    with pytest.raises(LoanRefused, match="ended with its period"):
        loans.give_back(Author(bob), loan, 40, tomorrow)


def test_strangers_and_viewers_lend_nothing(ada: User, bob: User) -> None:
    eve = make_driver("eve")
    for user in (ada, bob, eve):
        limited(user)
    with pytest.raises(LoanRefused, match="inside a team"):
        lend(ada, eve, 1)
    mine, theirs = Budget.objects.get(scope_id=str(ada.pk)), Budget.objects.get(scope_id=bob.pk)
    with pytest.raises(LoanRefused, match="Only whose money"):
        loans.lend(Author(bob), mine, theirs, 1, NOW)
    Membership.objects.filter(user=ada).update(role="viewer")
    with pytest.raises(LoanRefused, match="Only whose money"):
        loans.lend(Author(ada), mine, theirs, 1, NOW)
    assert not Loan.objects.exists()
    assert total() == 0


def test_a_manager_lends_for_members_of_their_team(ada: User, bob: User, team: Team) -> None:
    boss = make_driver("boss")
    Membership.objects.create(user=boss, team=team, role="admin")
    mine, theirs = limited(ada), limited(bob)
    loan = loans.lend(Author(boss), mine, theirs, 5, NOW)
    loans.give_back(Author(boss), loan, 5, NOW)
    assert total() == 0


def test_a_budget_without_limit_neither_gives_nor_takes(ada: User, bob: User) -> None:
    limited(ada, None)
    limited(bob)
    with pytest.raises(LoanRefused):
        lend(ada, bob, 1)
    with pytest.raises(LoanRefused, match="no limit"):
        lend(bob, ada, 1)
    assert total() == 0


def test_different_periods_do_not_mix(ada: User, bob: User) -> None:
    day, month = limited(ada), limited(bob, period="month")
    with pytest.raises(LoanRefused, match="same period"):
        loans.lend(Author(ada), day, month, 1, NOW)


steps = st.lists(
    st.tuples(st.sampled_from(["lend", "back", "hold"]), st.booleans(), st.integers(1, 80)),
    max_size=12,
)


numbers = count(1)


@given(steps)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_sequence_of_loans_makes_or_loses_money(
    team: Team, steps: list[tuple[str, bool, int]]
) -> None:
    ada, bob = (make_driver(f"{name}-{next(numbers)}") for name in ("ada", "bob"))
    for user in (ada, bob):
        Membership.objects.create(user=user, team=team)
        limited(user)
    for step, is_ada, amount_nano in steps:
        one, other = (ada, bob) if is_ada else (bob, ada)
        try:
            if step == "lend":
                lend(one, other, amount_nano)
            elif step == "hold":
                ledger.reserve(make_hold(one, amount_nano), NOW)
            elif loan := Loan.objects.filter(borrower__budget__scope_id=one.pk).first():
                loans.give_back(Author(one), loan, amount_nano, NOW)
        except (LoanRefused, BudgetExhausted):
            pass
        assert total() == 0
        assert books.faults(books.rows()) == []
    assert invariants.loans_tie() == []
    open_nano = sum(loan.open_nano for loan in Loan.objects.filter(lender__budget__scope_id=ada.pk))
    taken = sum(loan.open_nano for loan in Loan.objects.filter(borrower__budget__scope_id=ada.pk))
    lent = sum(
        BudgetPeriod.objects.filter(budget__scope_id=ada.pk).values_list("lent_nano", flat=True)
    )
    assert lent == open_nano - taken
