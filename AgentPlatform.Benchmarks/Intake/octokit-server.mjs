// The peer: @octokit/webhooks as its documentation sets it up, counting what it was given and storing nothing.
import { createServer } from "node:http";
import { Webhooks, createNodeMiddleware } from "@octokit/webhooks";

const webhooks = new Webhooks({ secret: process.env.WEBHOOK_SECRET });
let received = 0;
webhooks.onAny(() => { received++; });

const middleware = createNodeMiddleware(webhooks, { path: "/webhooks/github" });
const server = createServer(async (request, response) => {
  if (await middleware(request, response)) return;
  response.end(String(received));
});
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
