// SPDX-License-Identifier: MIT
// The official client with the official servers and one in Python, for mcp_npm.py. Prints what
// it got as JSON. usage: node mcp_client.mjs MODULES FOLDER PYTHON SERVER
import { pathToFileURL } from "node:url";
import fs from "node:fs";
import path from "node:path";

const [modules, folder, python, script] = process.argv.slice(2);
const sdk = path.join(modules, "@modelcontextprotocol/sdk/dist/esm/client");
const load = (name) => import(pathToFileURL(path.join(sdk, name)).href);
const { Client } = await load("index.js");
const { StdioClientTransport } = await load("stdio.js");

async function start(command, ...rest) {
	const client = new Client({ name: "test", version: "1" });
	await client.connect(new StdioClientTransport({
		command, args: rest, cwd: path.dirname(modules),
		env: { ...process.env, MEMORY_FILE_PATH: path.join(folder, "memory.jsonl") },
		stderr: "ignore" }));
	return client;
}

const call = (client, name, args) => client.callTool({ name, arguments: args })
	.then((result) => ({ isError: result.isError === true }))
	.catch((error) => ({ code: error.code, message: error.message }));

const files = await start(path.join(modules, ".bin/mcp-server-filesystem"), folder);
const memory = await start("npx", "--no-install", "mcp-server-memory");
const third = await start(python, script, "third");
const result = { tools: (await files.listTools()).tools.length };
result.read = await call(files, "read_text_file", { path: path.join(folder, "in") });
result.edit = await call(files, "write_file",
	{ path: path.join(folder, "out"), content: "x" });
result.folder = await call(files, "create_directory", { path: path.join(folder, "made") });
result.memory = await call(memory, "create_entities", { entities: [
	{ name: "a", entityType: "person", observations: ["likes tea"] }] });
for (let i = 0; i < 20; i++) {
	fs.writeFileSync(path.join(folder, `n${i}`), "x");
}
// A thousand calls, some of each server in flight at any moment.
const one = (i) => i % 3 === 0 ? call(memory, "read_graph", {})
	: i % 3 === 1 ? call(files, "read_text_file", { path: path.join(folder, `n${i % 20}`) })
		: call(third, "touch", { path: path.join(folder, `t${i}`) });
result.calls = 0;
result.failed = 0;
async function work() {
	while (result.calls < 1000) {
		result.failed += (await one(result.calls++)).isError !== false;
	}
}
await Promise.all(Array.from({ length: 12 }, work));
await files.close();
await memory.close();
await third.close();
console.log(JSON.stringify(result));
