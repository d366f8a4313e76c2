import { describe, expect, it } from "vitest";
import { bearerGrant, codeGrant, grantsAreComplete, isRedirectUri, readGrants } from "./applications";
import { isSamePrincipal } from "./eks";
import { trustsService, type IamRole } from "./iam";

describe("redirect URIs", () => {
    it("are https, or http on this machine", () => {
        for (const good of ["https://app.example.com/callback", "http://127.0.0.1/oauth/callback", "http://127.0.0.1:8080", "http://[::1]:80/x"]) {
            expect(isRedirectUri(good), good).toBe(true);
        }
        for (const bad of ["http://app.example.com/", "http://127.0.0.1.evil.example/", "https://", "https://a b", "https://a/#x", "javascript:alert(1)", "http://127.0.0.1:80@evil.example/", ""]) {
            expect(isRedirectUri(bad), bad).toBe(false);
        }
    });
});

describe("grants", () => {
    const none = { code: false, redirectUris: "", refresh: false, exchange: false, bearer: false, issuers: [] };
    it("are read as forms have them", () => {
        const read = readGrants([
            { GrantType: codeGrant, Grant: { AuthorizationCode: { RedirectUris: ["https://a/", "https://b/"] } } },
            { GrantType: bearerGrant, Grant: { JwtBearer: { AuthorizedTokenIssuers: [{ TrustedTokenIssuerArn: "arn", AuthorizedAudiences: ["x", "y"] }] } } },
        ]);
        expect(read).toEqual({ ...none, code: true, redirectUris: "https://a/\nhttps://b/", bearer: true, issuers: [{ arn: "arn", audiences: "x y" }] });
    });
    it("are complete with all that a type needs", () => {
        expect(grantsAreComplete(none)).toBe(true);
        expect(grantsAreComplete({ ...none, code: true })).toBe(false);
        expect(grantsAreComplete({ ...none, code: true, redirectUris: "https://a/\nhttp://b/" })).toBe(false);
        expect(grantsAreComplete({ ...none, code: true, redirectUris: "https://a/" })).toBe(true);
        expect(grantsAreComplete({ ...none, bearer: true })).toBe(false);
        expect(grantsAreComplete({ ...none, bearer: true, issuers: [{ arn: "arn", audiences: "" }] })).toBe(false);
        expect(grantsAreComplete({ ...none, bearer: true, issuers: [{ arn: "arn", audiences: "x" }] })).toBe(true);
    });
});

describe("principals of aws-auth", () => {
    it("are the same with a role's path and without", () => {
        expect(isSamePrincipal("arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/A", "arn:aws:iam::1:role/a")).toBe(true);
        expect(isSamePrincipal("arn:aws:iam::1:user/team/a", "arn:aws:iam::1:user/a")).toBe(false);
        expect(isSamePrincipal("arn:aws:iam::1:role/A", "arn:aws:iam::2:role/A")).toBe(false);
    });
});

describe("trust policies", () => {
    const role = (document: string): IamRole => ({ AssumeRolePolicyDocument: encodeURIComponent(document) }) as IamRole;
    it("say which service may take a role", () => {
        const statement = (service: string, effect = "Allow"): string => `{"Effect":"${effect}","Principal":{"Service":${service}},"Action":"sts:AssumeRole"}`;
        expect(trustsService(role(`{"Statement":${statement('"eks.amazonaws.com"')}}`), "eks.amazonaws.com")).toBe(true);
        expect(trustsService(role(`{"Statement":[${statement('["a","eks.amazonaws.com"]')}]}`), "eks.amazonaws.com")).toBe(true);
        expect(trustsService(role(`{"Statement":[${statement('"eks.amazonaws.com"', "Deny")}]}`), "eks.amazonaws.com")).toBe(false);
        expect(trustsService(role(`{"Statement":[{"Effect":"Allow","Principal":"*"}]}`), "eks.amazonaws.com")).toBe(false);
        expect(trustsService(role("no JSON"), "eks.amazonaws.com")).toBe(false);
    });
});
