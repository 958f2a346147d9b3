// SPDX-License-Identifier: MIT
// The official client with the official servers, for mcp_npm.py. Prints what it got as JSON.
// usage: node mcp_client.mjs MODULES FOLDER
import { pathToFileURL } from "node:url";
import fs from "node:fs";
import path from "node:path";

const [modules, folder] = process.argv.slice(2);
const sdk = path.join(modules, "@modelcontextprotocol/sdk/dist/esm/client");
const load = (name) => import(pathToFileURL(path.join(sdk, name)).href);
const { Client } = await load("index.js");
const { StdioClientTransport } = await load("stdio.js");

async function start(name, ...rest) {
	const client = new Client({ name: "test", version: "1" });
	await client.connect(new StdioClientTransport({
		command: path.join(modules, ".bin", name), args: rest,
		env: { ...process.env, MEMORY_FILE_PATH: path.join(folder, "memory.jsonl") },
		stderr: "ignore" }));
	return client;
}

const call = (client, name, args) => client.callTool({ name, arguments: args })
	.then((result) => ({ isError: result.isError === true }))
	.catch((error) => ({ code: error.code, message: error.message }));

const files = await start("mcp-server-filesystem", folder);
const memory = await start("mcp-server-memory");
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
const many = [];
for (let i = 0; i < 200; i++) {
	many.push(i % 4 === 3 ? call(memory, "read_graph", {})
		: call(files, "read_text_file", { path: path.join(folder, `n${i % 20}`) }));
}
result.failed = (await Promise.all(many)).filter((one) => one.isError !== false).length;
await files.close();
await memory.close();
console.log(JSON.stringify(result));
