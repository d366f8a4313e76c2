// Signed calls to the API, on our own origin. Four protocols, as the services' models name them.
import { session } from "../session";
import { settings } from "../settings";
import { AwsError, asAwsError } from "./error";
import { formFields, parseEc2Result, parseError, parseResult, type Input } from "./query";
import { eksRoutes } from "./eks_routes";
import { encodeQuery, encodeUri, sign } from "./sigv4";

interface JsonService {
    protocol: "json";
    signingName: string;
    target: string;
    region?: string;
}
interface QueryService {
    protocol: "query" | "ec2";
    signingName: string;
    version: string;
    region?: string;
}
interface RestService {
    protocol: "rest";
    signingName: string;
    region?: string;
}

// `region`: where a service has one place for all regions.
const services = {
    organizations: { protocol: "json", signingName: "organizations", target: "AWSOrganizationsV20161128", region: "us-east-1" },
    "sso-admin": { protocol: "json", signingName: "sso", target: "SWBExternalService" },
    identitystore: { protocol: "json", signingName: "identitystore", target: "AWSIdentityStore" },
    sekisho: { protocol: "json", signingName: "sekisho", target: "Sekisho_20261124" },
    iam: { protocol: "query", signingName: "iam", version: "2010-05-08", region: "us-east-1" },
    sts: { protocol: "query", signingName: "sts", version: "2011-06-15" },
    ec2: { protocol: "ec2", signingName: "ec2", version: "2016-11-15" },
    eks: { protocol: "rest", signingName: "eks" },
} satisfies Record<string, JsonService | QueryService | RestService>;

// The Host that the server will see; another one only for `npm run dev`, behind Vite's proxy.
const signedHost = (import.meta.env["VITE_SIGNED_HOST"] as string | undefined) ?? location.host;

export type ServiceName = keyof typeof services;

interface Outgoing {
    method: string;
    path: string;
    query: [string, string][];
    headers: Record<string, string>;
    body: string;
}

function jsonRequest(service: JsonService, operation: string, input: Input): Outgoing {
    return {
        method: "POST",
        path: "/",
        query: [],
        headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${service.target}.${operation}` },
        body: JSON.stringify(input),
    };
}

function queryRequest(service: QueryService, operation: string, input: Input): Outgoing {
    const fields: [string, string][] = [["Action", operation], ["Version", service.version], ...formFields(input, service.protocol === "ec2" ? "" : ".member")];
    return {
        method: "POST",
        path: "/",
        query: [],
        headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
        body: fields.map(([name, value]) => `${encodeUri(name)}=${encodeUri(value)}`).join("&"),
    };
}

// Members named in the path go there, the others of a GET or DELETE into the query, of a POST into the body.
export function restRequest(operation: string, input: Input): Outgoing {
    const route = eksRoutes[operation];
    if (!route) throw new Error(`no route for ${operation}`);
    const [method, template] = route;
    const rest: Input = { ...input };
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
        const value = String(rest[name] ?? "");
        delete rest[name];
        return encodeUri(value);
    });
    const query: [string, string][] = [];
    if (method !== "POST") {
        for (const [name, value] of Object.entries(rest)) if (value !== undefined) query.push([name, String(value)]);
    }
    const body = method === "POST" ? JSON.stringify(rest) : "";
    return { method, path, query, headers: body ? { "content-type": "application/json" } : {}, body };
}

function outgoing(service: JsonService | QueryService | RestService, operation: string, input: Input): Outgoing {
    if (service.protocol === "json") return jsonRequest(service, operation, input);
    if (service.protocol === "query" || service.protocol === "ec2") return queryRequest(service, operation, input);
    return restRequest(operation, input);
}

function errorOf(response: Response, text: string, protocol: string): AwsError {
    if (protocol === "query" || protocol === "ec2") {
        const error = parseError(text);
        return new AwsError(error.code, error.message, response.status, error.requestId);
    }
    let body: { __type?: string; code?: string; message?: string; Message?: string } = {};
    try {
        body = JSON.parse(text) as typeof body;
    } catch {
        // Not from the API: what there is of it follows below.
    }
    const name = response.headers.get("x-amzn-errortype") ?? body.__type ?? body.code ?? `HTTP ${response.status}`;
    const code = name.split(":")[0]!.split("#").pop()!;
    return new AwsError(code, body.message ?? body.Message ?? "", response.status, response.headers.get("x-amzn-requestid") ?? "");
}

// Errors: AwsError, always. The credentials are fetched again where they are over.
export async function call<T = Record<string, unknown>>(
    name: ServiceName,
    operation: string,
    input: Input = {},
    region?: string,
): Promise<T> {
    const service: JsonService | QueryService | RestService = services[name];
    try {
        const credentials = await session.credentials();
        const request = outgoing(service, operation, input);
        const scope = { service: service.signingName, region: service.region ?? region ?? settings.get().region };
        const headers = await sign({ ...request, host: signedHost }, credentials, scope, session.now());
        const response = await fetch(request.path + (request.query.length ? `?${encodeQuery(request.query)}` : ""), {
            method: request.method,
            headers,
            body: request.body || undefined,
            credentials: "omit", // the signature speaks, no cookie
            cache: "no-store",
            redirect: "error",
        });
        const text = await response.text();
        if (!response.ok) throw errorOf(response, text, service.protocol);
        if (service.protocol === "query") return parseResult(text, operation) as T;
        if (service.protocol === "ec2") return parseEc2Result(text) as T;
        return (text ? JSON.parse(text) : {}) as T;
    } catch (reason) {
        const error = asAwsError(reason);
        if (error.isExpired) session.forgetCredentials();
        throw error;
    }
}
