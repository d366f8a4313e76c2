// Compresses what Vite built, for embedding: node pack.mjs DIST. One form only, brotli: every browser that runs the
// console takes it over TLS, and we serve nothing else.
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const folder = process.argv[2];
const scriptBytesMax = 600_000; // issue 5: JavaScript, compressed
let scriptBytes = 0;

for (const name of readdirSync(folder, { recursive: true })) {
    const file = join(folder, name);
    if (!statSync(file).isFile() || name.endsWith(".br")) continue;
    const plain = readFileSync(file);
    const packed = brotliCompressSync(plain, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
    });
    writeFileSync(`${file}.br`, packed);
    rmSync(file);
    if (name.endsWith(".js")) scriptBytes += packed.length;
    console.log(`${String(packed.length).padStart(8)} of ${String(plain.length).padStart(8)}  ${name}`);
}
console.log(`${scriptBytes} bytes of JavaScript`);
if (scriptBytes > scriptBytesMax) throw new Error(`more than ${scriptBytesMax} bytes of JavaScript`);
