"""The search: it waits until it is wanted, and finds what people type or paste."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.site.visit import EXAMPLE, Visit

# As people type or paste them: a half of the message, its quotes and numbers, other names than ours.
SEARCHED = {
    "greenlet_spawn has not been called": "missing_greenlet_lazy_relationship",
    "can't call await_only() here. Was IO attempted in an unexpected place?": "missing_greenlet",
    "DetachedInstanceError: Parent instance <User at 0x7f3c> is not bound to a Session; lazy load operation of "
    "attribute 'orders' cannot proceed": "detached_serialization",
    "is not bound to a Session; attribute refresh operation cannot proceed": "detached_expired",
    "'customer.orders' is not available due to lazy='raise'": "lazy_raise",
    "got Future <Future pending> attached to a different loop": "event_loop_mismatch",
    "RuntimeError: Event loop is closed": "event_loop_closed",
    "ScopeMismatch: You tried to access the function scoped fixture": "scope_mismatch",
    "asyncio.run() cannot be called from a running event loop": "alembic_running_loop",
    'type "order_status" already exists': "alembic_enum_exists",
    "QueuePool limit of size 20 overflow 0 reached, connection timed out, timeout 5.00": "queuepool_limit_reached",
    "sorry, too many clients already": "too_many_connections",
    "remaining connection slots are reserved for roles with the SUPERUSER attribute": "too_many_connections",
    "cannot perform operation: another operation is in progress": "another_operation_in_progress",
    "This session is provisioning a new connection; concurrent operations are not permitted": "session_provisioning",
    "Can't reconnect until invalid transaction is rolled back": "pending_rollback_disconnect",
    "This Session's transaction has been rolled back due to a previous exception during flush": "pending_rollback_flush",
    "A transaction is already begun on this Session.": "transaction_already_begun",
    "current transaction is aborted, commands ignored until end of transaction block": "in_failed_transaction",
    'prepared statement "__asyncpg_stmt_7__" does not exist': "pgbouncer_prepared_statement_asyncpg",
    'prepared statement "_pg3_3" already exists': "pgbouncer_prepared_statement_psycopg",
    "cached statement plan is invalid due to a database schema": "invalid_cached_statement",
    "can't subtract offset-naive and offset-aware datetimes": "naive_aware_datetime",
    "invalid input for query argument $1: '5' ('str' object cannot be interpreted as an integer)": "driver_strict_types",
    "cannot insert multiple commands into a prepared statement": "asyncpg_multiple_commands",
    "connect() got an unexpected keyword argument 'sslmode'": "asyncpg_sslmode",
    "the asyncio extension requires an async driver to be used. The loaded 'psycopg2' is not async": "async_driver_required",
    "terminating connection due to idle-in-transaction timeout": "idle_in_transaction",
    "canceling statement due to statement timeout": "statement_timeout",
    "deadlock detected Process 123 waits for ShareLock on transaction 456": "deadlock_detected",
    "could not serialize access due to concurrent update": "serialization_failure",
    "could not obtain lock on row in relation": "lock_not_available",
    "connection was closed in the middle of operation": "connection_closed_mid_operation",
    "password authentication failed for user": "login_rejected",
    "sqlite3.OperationalError: database is locked": "sqlite_database_locked",
    "(sqlite3.OperationalError) no such table: users": "sqlite_no_such_table",
    "unable to open database file": "sqlite_unable_to_open",
    "'AsyncSession' object has no attribute 'query'": "asyncsession_no_query",
    "AttributeError: 'AsyncSession' object has no attribute 'exec'": "asyncsession_no_exec",
    "'coroutine' object has no attribute 'scalars'": "missing_await",
    "object ChunkedIteratorResult can't be used in 'await' expression": "too_many_awaits",
    "the unique() method must be invoked on this Result": "unique_required",
    "Invalid args for response field! Hint: check that AsyncSession": "invalid_response_field",
    "'async_generator' object has no attribute 'execute'": "dependency_generator_used_directly",
    "coroutine 'AsyncSession.commit' was never awaited": "commit_never_awaited",
    "201 but the row is not saved": "yield_dependency_commit_too_late",
}


def test_search_waits_until_it_is_wanted_and_then_works(visit: Callable[..., Visit]) -> None:
    seen = visit(EXAMPLE)
    wanted = [url for url in seen.requests if "search" in url and not url.endswith("search_on_demand.js")]
    assert wanted == []
    box = seen.page.locator("[data-md-component=search-query]")
    box.click()
    box.press_sequentially("MissingGreenlet commit")
    seen.page.locator(".md-search-result__item").first.wait_for()
    assert "MissingGreenlet" in seen.page.locator(".md-search-result__item").first.inner_text()
    assert seen.errors == []


def test_a_search_for_an_error_finds_its_page_first(visit: Callable[..., Visit]) -> None:
    page = visit("reference/").page
    box = page.locator("[data-md-component=search-query]")
    first = page.locator(".md-search-result__item > .md-search-result__link").first
    box.click()
    page.keyboard.insert_text("session")
    first.wait_for()
    wrong = {}
    for typed, slug in SEARCHED.items():
        box.fill("")
        page.keyboard.insert_text(typed)
        box.press("End")
        try:
            expect(first).to_have_attribute("href", re.compile(rf"guides/errors/{slug}"), timeout=15_000)
        except AssertionError:
            wrong[typed] = first.get_attribute("href")
            if len(wrong) == 3:
                break  # Each waits in vain for long.
    assert wrong == {}
