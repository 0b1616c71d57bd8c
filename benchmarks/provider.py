"""A provider for benchmarks: streams time stamps in OpenAI's format at the pace its model names.

`python -m benchmarks.provider PORT`; the model `pace-10-100` sends 100 pieces, ten a second, and
`after-100` sends its only piece after a tenth of a second.
"""

import asyncio
import json
import logging
import sys
import time

from aiohttp import web

PIECE = '{"choices": [{"index": 0, "delta": {"content": %s}}]}'
LAST = (
    '{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], '
    '"usage": {"prompt_tokens": 10, "completion_tokens": 10}}'
)


async def answer(request: web.Request) -> web.StreamResponse:
    model = (await request.json())["model"]
    if model.startswith("after-"):
        await asyncio.sleep(int(model.removeprefix("after-")) / 1000)
        model = "pace-1000-1"
    _, per_s, count = model.split("-")
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    began = time.monotonic()
    for number in range(int(count)):
        await asyncio.sleep(began + number / float(per_s) - time.monotonic())
        stamp = json.dumps(f"{time.time():.6f} ")
        await response.write(f"data: {PIECE % stamp}\n\n".encode())
    await response.write(f"data: {LAST}\n\ndata: [DONE]\n\n".encode())
    return response


def main() -> None:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    # Whoever is killed in the middle of an answer is no error of this server.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()
