// Checks of the HTTP API with the clients of others for Node. URL and KEY come from the environment; `run` sets them.

import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateImage } from "ai";
import OpenAI, { toFile } from "openai";

const { URL: url, KEY: key } = process.env;
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key });
// The miniature draws such a picture in a second or two.
const fast = { num_inference_steps: 4 };

const isPng = (bytes) => Buffer.from(bytes).subarray(1, 4).toString() === "PNG";
const isPicture = (entry) => isPng(Buffer.from(entry.b64_json, "base64"));

/** A picture to work on: one that was drawn. */
let drawn;

const checks = {
  async "openai draws"() {
    const answer = await client.images.generate({ model: "kandinsky-2.1", prompt: "кот", n: 2, ...fast });
    assert.equal(answer.data.length, 2);
    assert.ok(answer.data.every(isPicture));
    drawn = Buffer.from(answer.data[0].b64_json, "base64");
  },
  async "openai edits one picture and mixes two"() {
    const file = () => toFile(drawn, "cat.png", { type: "image/png" });
    const changed = await client.images.edit({ image: await file(), prompt: "луна", ...fast });
    const mixed = await client.images.edit({ image: [await file(), await file()], prompt: "луна", ...fast });
    assert.ok(isPicture(changed.data[0]) && isPicture(mixed.data[0]));
  },
  async "openai streams"() {
    const types = [];
    const stream = await client.images.generate({ prompt: "кот", stream: true, partial_images: 1, ...fast });
    for await (const event of stream) types.push(event.type);
    assert.equal(types.at(-1), "image_generation.completed");
  },
  async "openai reads errors"() {
    await assert.rejects(client.images.generate({ prompt: "кот", n: 99 }), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.deepEqual([error.code, error.param], ["invalid_value", "n"]);
      return error.requestID.startsWith("req_");
    });
  },
  async "the AI SDK draws and edits"() {
    const provider = createOpenAICompatible({ name: "kandinsky", baseURL: `${url}/v1`, apiKey: key });
    const model = provider.imageModel("kandinsky-2.1");
    const options = { providerOptions: { kandinsky: fast } };
    const { image } = await generateImage({ model, prompt: "кот", ...options });
    assert.ok(isPng(image.uint8Array));
    const edit = await generateImage({ model, prompt: { text: "луна", images: [drawn] }, ...options });
    assert.ok(isPng(edit.image.uint8Array));
  },
};

for (const [name, check] of Object.entries(checks)) {
  const started = performance.now();
  await check();
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
