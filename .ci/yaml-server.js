// Asks yaml-language-server what it finds in files by a schema, as an editor would, and prints a line a file:
// its name, a tab, how many findings. Arguments: the server's program, the schema, the files.
const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");

const [, , program, schema, ...files] = process.argv;
const uri = (file) => "file://" + path.resolve(file);
const settings = { validate: true, schemas: { [uri(schema)]: ["*.yaml"] }, schemaStore: { enable: false } };
const server = spawn(program, ["--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const found = new Map();
let rest = Buffer.alloc(0);

function send(message) {
  const text = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

function open() {
  send({ method: "initialized", params: {} });
  send({ method: "workspace/didChangeConfiguration", params: { settings: { yaml: settings } } });
  for (const file of files) {
    const text = fs.readFileSync(file, "utf8");
    send({ method: "textDocument/didOpen", params: { textDocument: { uri: uri(file), languageId: "yaml", version: 1, text } } });
  }
}

function receive(message) {
  if (message.id === 1 && message.result) {
    open();
  } else if (message.method === "workspace/configuration") {
    send({ id: message.id, result: message.params.items.map((item) => (item.section === "yaml" ? settings : null)) });
  } else if (message.method === "textDocument/publishDiagnostics") {
    found.set(message.params.uri, message.params.diagnostics.length);
    if (files.every((file) => found.has(uri(file)))) {
      // A first answer may come before the schema is loaded.
      clearTimeout(last);
      last = setTimeout(finish, 3000);
    }
  } else if (message.method && message.id !== undefined) {
    send({ id: message.id, result: null });
  }
}

function finish() {
  for (const file of files) {
    console.log(`${file}\t${found.get(uri(file)) ?? "no answer"}`);
  }
  process.exit(0);
}
let last = setTimeout(finish, 30000);

server.stdout.on("data", (data) => {
  rest = Buffer.concat([rest, data]);
  for (;;) {
    const head = rest.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/Content-Length: (\d+)/.exec(rest.subarray(0, head).toString())[1]);
    if (rest.length < head + 4 + length) return;
    receive(JSON.parse(rest.subarray(head + 4, head + 4 + length).toString()));
    rest = rest.subarray(head + 4 + length);
  }
});

send({ id: 1, method: "initialize", params: { processId: process.pid, rootUri: null, capabilities: { workspace: { configuration: true } } } });
