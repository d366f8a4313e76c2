// Against AWS's published vectors (the signing test suite, as SDKs carry it) and the documented IAM example.
import { describe, expect, it } from "vitest";
import { amzDate, encodeQuery, encodeUri, sign, type SignableRequest } from "./sigv4";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const now = Date.UTC(2015, 7, 30, 12, 36, 0);
const scope = { region: "us-east-1", service: "service" };
const plain: SignableRequest = { method: "GET", host: "example.amazonaws.com", path: "/", query: [], headers: {}, body: "" };

async function signature(change: Partial<SignableRequest>, where = scope): Promise<string> {
    const headers = await sign({ ...plain, ...change }, credentials, where, now);
    return /Signature=(\w+)$/.exec(headers["authorization"]!)![1]!;
}

describe("the signing test suite", () => {
    it("get-vanilla", async () => {
        expect(await signature({})).toBe("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    });
    it("get-vanilla-query-order-key-case", async () => {
        const query: [string, string][] = [["Param2", "value2"], ["Param1", "value1"]];
        expect(await signature({ query })).toBe("b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    });
    it("post-vanilla", async () => {
        expect(await signature({ method: "POST" })).toBe("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    });
    it("post-x-www-form-urlencoded", async () => {
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        expect(await signature({ method: "POST", headers, body: "Param1=value1" })).toBe(
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        );
    });
    it("the documented IAM request", async () => {
        const headers = await sign(
            {
                ...plain,
                host: "iam.amazonaws.com",
                query: [["Action", "ListUsers"], ["Version", "2010-05-08"]],
                headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
            },
            credentials,
            { region: "us-east-1", service: "iam" },
            now,
        );
        expect(headers["authorization"]).toBe(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
                "SignedHeaders=content-type;host;x-amz-date, " +
                "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        );
    });
});

describe("encoding", () => {
    it("leaves RFC 3986's unreserved characters alone, and nothing else", () => {
        expect(encodeUri("aZ0-_.~")).toBe("aZ0-_.~");
        expect(encodeUri("a b/ü!'()*")).toBe("a%20b%2F%C3%BC%21%27%28%29%2A");
    });
    it("sorts a query by its encoded names, then values", () => {
        expect(encodeQuery([["b", "2"], ["a", "y"], ["a", "x"]])).toBe("a=x&a=y&b=2");
    });
    it("writes time as ISO 8601 basic", () => {
        expect(amzDate(now)).toBe("20150830T123600Z");
    });
    it("signs and sends a session token", async () => {
        const headers = await sign(plain, { ...credentials, sessionToken: "token" }, scope, now);
        expect(headers["x-amz-security-token"]).toBe("token");
        expect(headers["authorization"]).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token,");
    });
});
