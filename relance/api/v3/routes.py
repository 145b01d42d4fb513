"""Every address of the compatible API and who answers it."""

from __future__ import annotations

import re

from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from relance.api.http import Context, Handler, Resource, not_here
from relance.api.v3 import (
    bulk,
    customer_journeys,
    interest_categories,
    lists,
    member_events,
    member_tags,
    members,
    merge_fields,
    ping,
    root,
    segments,
    tag_search,
)

_SLASHES = re.compile("/{2,}")


def routes(context: Context) -> list[Route | Mount]:
    """What ``/3.0`` is made of, for the composition root to mount."""

    def at(path: str, *, write_scope: str = "all", **handlers: Handler) -> Route:
        methods = {method.upper(): handler for method, handler in handlers.items()}
        return Route(path, Resource(context, methods, write_scope=write_scope))

    one_list, member = "/lists/{list_id}", "/lists/{list_id}/members/{member}"
    field = "/lists/{list_id}/merge-fields/{merge_id}"
    category = "/lists/{list_id}/interest-categories/{category_id}"
    interest = f"{category}/interests/{{interest_id}}"
    segment = "/lists/{list_id}/segments/{segment_id}"
    journey = "/customer-journeys/journeys/{journey_id}"
    resources = [
        at("/", get=root.get),
        at("/ping", get=ping.get),
        at("/lists", get=lists.index, post=lists.create),
        at(one_list, get=lists.get, patch=lists.change, delete=lists.delete, post=bulk.save_members),
        at(f"{one_list}/members", get=members.index, post=members.create),
        at(member, get=members.get, put=members.put, patch=members.change, delete=members.archive),
        at(f"{member}/actions/delete-permanent", post=members.delete_permanent),
        at(f"{member}/tags", get=member_tags.index, post=member_tags.change),
        at(f"{member}/events", get=member_events.index, post=member_events.create, write_scope="events"),
        at(f"{one_list}/tag-search", get=tag_search.index),
        at(f"{one_list}/segments", get=segments.index, post=segments.create),
        at(segment, get=segments.get, patch=segments.change, delete=segments.delete, post=segments.batch),
        at(f"{segment}/members", get=segments.members),
        at(f"{one_list}/merge-fields", get=merge_fields.index, post=merge_fields.create),
        at(field, get=merge_fields.get, patch=merge_fields.change, delete=merge_fields.delete),
        at(f"{one_list}/interest-categories", get=interest_categories.index, post=interest_categories.create),
        at(
            category,
            get=interest_categories.get,
            patch=interest_categories.change,
            delete=interest_categories.delete,
        ),
        at(f"{category}/interests", get=interest_categories.interests, post=interest_categories.create_interest),
        at(
            interest,
            get=interest_categories.get_interest,
            patch=interest_categories.change_interest,
            delete=interest_categories.delete_interest,
        ),
        at("/customer-journeys/journeys", get=customer_journeys.index),
        at(journey, get=customer_journeys.get),
        at(f"{journey}/steps/{{step_id}}/actions/trigger", post=customer_journeys.trigger, write_scope="events"),
    ]
    app = _Tolerant(Router(resources, default=not_here, redirect_slashes=False))
    # Some clients leave the slash out when they ask for the root.
    return [Route("/3.0", Resource(context, {"GET": root.get})), Mount("/3.0", app)]


class _Tolerant:
    """Clients write ``/3.0//ping`` and ``/3.0/ping/`` (spec/api.md 1.5): both mean /3.0/ping."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root_path = scope.get("root_path", "")
        path = _SLASHES.sub("/", scope["path"].removeprefix(root_path)).rstrip("/")
        await self.app({**scope, "path": f"{root_path}{path or '/'}"}, receive, send)
