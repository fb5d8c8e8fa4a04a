"""接口 api: the HTTP entrance for programs. Translates between HTTP and doors; decides nothing.

`GET /api/v1/openapi.json` describes it. Enter with `Authorization: Bearer <token>` (one post, one purpose) or with
the session of a signed-in account.
"""
