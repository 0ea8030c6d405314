"""OpenAI's own client for Python, at the address and with the key of the environment."""

import asyncio
import os
import struct
import unittest
from base64 import b64encode

import openai

URL = os.environ["COLLOQUY_URL"] + "/v1"
KEY = os.environ["COLLOQUY_KEY"]
PIXEL = b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
        "0000000049454e44ae426082"
    )
).decode()
TOOLS = [
    {
        "type": "function",
        "function": {"name": "look", "parameters": {"type": "object", "properties": {"query": {"type": "string"}}}},
    }
]


def client(key=KEY):
    return openai.OpenAI(base_url=URL, api_key=key, max_retries=0)


def said(content):
    return [{"role": "user", "content": content}]


class Client(unittest.TestCase):
    def setUp(self):
        self.client = client()
        self.addCleanup(self.client.close)

    def ask(self, content, **more):
        return self.client.chat.completions.create(model="fake", messages=said(content), **more)

    def test_models_are_listed_and_found(self):
        names = [model.id for model in self.client.models.list()]
        self.assertIn("fake", names)
        self.assertIn("fake-embed", names)
        self.assertEqual(self.client.models.retrieve("fake").id, "fake")

    def test_an_answer_comes_whole(self):
        answer = self.ask("Hello [tokens=3]")
        self.assertEqual(answer.choices[0].message.content, "t00001 t00002 t00003")
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        self.assertEqual(answer.usage.completion_tokens, 3)

    def test_an_answer_comes_as_a_stream_that_says_what_it_cost(self):
        chunks = list(self.ask("Hello [tokens=3]", stream=True, stream_options={"include_usage": True}))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertEqual(text, "t00001 t00002 t00003")
        self.assertEqual(chunks[-1].usage.total_tokens, 5)
        self.assertTrue(all(chunk.usage is None for chunk in chunks[:-1]))

    def test_a_stream_can_be_awaited(self):
        async def read():
            async with openai.AsyncOpenAI(base_url=URL, api_key=KEY, max_retries=0) as own:
                stream = await own.chat.completions.create(model="fake", messages=said("[tokens=2]"), stream=True)
                return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        self.assertEqual(asyncio.run(read()), "t00001 t00002")

    def test_tools_are_called_and_their_results_come_back(self):
        messages = said("Look [toolcall=look args=rust]")
        asked = self.client.chat.completions.create(model="fake", messages=messages, tools=TOOLS, tool_choice="required")
        call = asked.choices[0].message.tool_calls[0]
        self.assertEqual((asked.choices[0].finish_reason, call.function.name), ("tool_calls", "look"))
        self.assertEqual(call.function.arguments, '{"query":"rust"}')
        messages += [asked.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "found"}]
        answered = self.client.chat.completions.create(model="fake", messages=messages, tools=TOOLS)
        self.assertEqual(answered.choices[0].finish_reason, "stop")

        pieces = self.ask("Look [toolcall=look args=rust]", tools=TOOLS, stream=True)
        arguments = [piece.choices[0].delta.tool_calls for piece in pieces if piece.choices]
        text = "".join(calls[0].function.arguments or "" for calls in arguments if calls)
        self.assertEqual(text, '{"query":"rust"}')

    def test_images_are_seen(self):
        image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
        answer = self.ask([{"type": "text", "text": "What is it? [tokens=1]"}, image])
        self.assertEqual(answer.choices[0].message.content, "t00001")

    def test_texts_become_vectors(self):
        make = self.client.embeddings.create
        # This client asks for base64 by itself and unpacks it.
        made = make(model="fake-embed", input=["one two", "three"])
        self.assertEqual([one.index for one in made.data], [0, 1])
        self.assertEqual(made.usage.prompt_tokens, 3)
        numbers = make(model="fake-embed", input="three", encoding_format="float").data[0].embedding
        self.assertEqual(made.data[1].embedding, numbers)
        packed = make(model="fake-embed", input="three", encoding_format="base64").data[0].embedding
        self.assertEqual(packed, b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode())
        self.assertEqual(len(make(model="fake-embed", input=[[1, 2], [3]], dimensions=3).data[1].embedding), 3)

    def test_what_is_refused_has_its_class_of_error(self):
        with self.assertRaises(openai.AuthenticationError) as unknown, client("sk-clq-nothing") as stranger:
            stranger.models.list()
        self.assertEqual(unknown.exception.code, "invalid_api_key")
        with self.assertRaises(openai.NotFoundError) as missing:
            self.client.chat.completions.create(model="none", messages=said("x"))
        self.assertEqual((missing.exception.code, missing.exception.param), ("model_not_found", "model"))
        with self.assertRaises(openai.BadRequestError):
            self.client.embeddings.create(model="fake-embed", input=[])
        with self.assertRaises(openai.RateLimitError) as limited:
            self.ask("[status=429 retry_after=60]")
        self.assertEqual(limited.exception.response.headers["retry-after"], "60")
        with self.assertRaises(openai.InternalServerError):
            self.client.embeddings.create(model="fake-embed", input="[fewer=1]")
        with self.assertRaises(openai.APIError):
            list(self.ask("[tokens=5 cut=2]", stream=True))


if __name__ == "__main__":
    unittest.main()
