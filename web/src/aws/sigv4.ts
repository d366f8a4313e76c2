// AWS Signature Version 4 by WebCrypto (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html), for
// requests with a body in memory. Signs `host`, `x-amz-date`, the session token and every header given.

export interface Credentials {
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
    expiration?: number; // epoch milliseconds; absent: long-lived keys
}

export interface SignableRequest {
    method: string;
    host: string; // as the Host header will say it: name, and port where it is not the scheme's own
    path: string; // already encoded, as it will be sent
    query: [string, string][]; // not encoded
    headers: Record<string, string>;
    body: string;
}

export interface Scope {
    region: string;
    service: string;
}

const encoder = new TextEncoder();

function hex(bytes: ArrayBuffer): string {
    return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sha256(text: string): Promise<string> {
    return hex(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

async function hmac(key: BufferSource, text: string): Promise<ArrayBuffer> {
    const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return crypto.subtle.sign("HMAC", imported, encoder.encode(text));
}

// RFC 3986 2.3: all but unreserved characters. encodeURIComponent leaves five more as they are.
export function encodeUri(text: string): string {
    return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function encodeQuery(query: [string, string][]): string {
    const pairs = query.map(([name, value]) => [encodeUri(name), encodeUri(value)] as const);
    pairs.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : x > y ? 1 : 0) : a < b ? -1 : 1));
    return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

// The path is encoded once more for the signature: every service but S3 does so.
function canonicalPath(path: string): string {
    return path.split("/").map(encodeUri).join("/");
}

export function amzDate(time: number): string {
    return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

// Derived for a day, a region and a service: four of the five HMACs of a request.
const signingKeys = new Map<string, Promise<ArrayBuffer>>();

function signingKey(secret: string, day: string, scope: Scope): Promise<ArrayBuffer> {
    const name = [secret, day, scope.region, scope.service].join("\n");
    let key = signingKeys.get(name);
    if (!key) {
        key = hmac(encoder.encode(`AWS4${secret}`), day)
            .then((k) => hmac(k, scope.region))
            .then((k) => hmac(k, scope.service))
            .then((k) => hmac(k, "aws4_request"));
        signingKeys.clear(); // one secret at a time is in use; nothing of an earlier one is kept
        signingKeys.set(name, key);
    }
    return key;
}

export function forgetSigningKeys(): void {
    signingKeys.clear();
}

// The headers to send; `host` is not among them, the browser sets it. `now`: epoch milliseconds.
export async function sign(
    request: SignableRequest,
    credentials: Credentials,
    scope: Scope,
    now: number,
): Promise<Record<string, string>> {
    const date = amzDate(now);
    const headers: Record<string, string> = { ...request.headers, "x-amz-date": date };
    if (credentials.sessionToken) headers["x-amz-security-token"] = credentials.sessionToken;
    const signed: [string, string][] = Object.entries({ ...headers, host: request.host }).map(([name, value]) => [
        name.toLowerCase(),
        value.trim().replace(/ +/g, " "),
    ]);
    signed.sort(([a], [b]) => (a < b ? -1 : 1));
    const names = signed.map(([name]) => name).join(";");
    const canonical = [
        request.method,
        canonicalPath(request.path),
        encodeQuery(request.query),
        ...signed.map(([name, value]) => `${name}:${value}`),
        "",
        names,
        await sha256(request.body),
    ].join("\n");
    const day = date.slice(0, 8);
    const place = `${day}/${scope.region}/${scope.service}/aws4_request`;
    const toSign = ["AWS4-HMAC-SHA256", date, place, await sha256(canonical)].join("\n");
    const signature = hex(await hmac(await signingKey(credentials.secretAccessKey, day, scope), toSign));
    headers["authorization"] =
        `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${place}, SignedHeaders=${names}, Signature=${signature}`;
    return headers;
}
