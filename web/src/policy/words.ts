// What a policy allows, in sentences.
import { fill, type Texts } from "../texts";
import { find, listOf, parse, type Value } from "./parse";

type Words = Texts["policy"];

export interface Sentence {
    effect: "Allow" | "Deny";
    text: string;
    isDangerous: boolean;
}

const textsOf = (value: Value | undefined): string[] => listOf(value).map((item) => item.text);

// "ec2:*" -> everything in EC2; "s3:Get*" stays as it is: patterns are what their writer meant.
function actionsInWords(names: string[], t: Words): string {
    if (names.includes("*") || names.includes("*:*")) return t.everything;
    const services = new Map<string, string[]>();
    for (const name of names) {
        const [service = "", action = ""] = name.split(":");
        services.set(service, [...(services.get(service) ?? []), action]);
    }
    const parts = [...services].map(([service, actions]) =>
        actions.includes("*") ? fill(t.allOf, service.toUpperCase()) : fill(t.named, actions.join(t.listAnd), service.toUpperCase()),
    );
    return parts.join(t.and);
}

function resourceInWords(arn: string): string {
    const parts = arn.split(":");
    return parts.length >= 6 ? `${parts[2]} ${parts.slice(5).join(":")}` : arn;
}

function principalsInWords(value: Value, t: Words): string {
    if (value.kind === "string") return value.text === "*" ? t.anyone : value.text;
    const names = value.members.flatMap((member) => textsOf(member.value));
    return names.includes("*") ? t.anyone : names.join(t.listAnd);
}

const operatorsInWords: Record<string, string> = {
    StringEquals: "=",
    StringNotEquals: "≠",
    StringEqualsIgnoreCase: "=",
    StringLike: "~",
    StringNotLike: "≁",
    ArnLike: "~",
    ArnEquals: "=",
    NumericEquals: "=",
    NumericLessThan: "<",
    NumericLessThanEquals: "≤",
    NumericGreaterThan: ">",
    NumericGreaterThanEquals: "≥",
    DateLessThan: "<",
    DateGreaterThan: ">",
    Bool: "=",
    IpAddress: "∈",
    NotIpAddress: "∉",
};

function conditionInWords(value: Value | undefined, t: Words): string {
    if (!value || value.members.length === 0) return "";
    const parts = value.members.flatMap((operator) =>
        operator.value.members.map((key) => {
            const name = operatorsInWords[operator.name.replace(/IfExists$/, "")] ?? operator.name;
            return fill(t.condition, key.name, name, textsOf(key.value).join(t.or));
        }),
    );
    return fill(t.when, parts.join(t.and));
}

function sentenceOf(statement: Value, t: Words): Sentence {
    const effect = find(statement, "Effect")?.text === "Deny" ? "Deny" : "Allow";
    const action = find(statement, "Action");
    const actions = action
        ? textsOf(action).every((name) => /^sts:(AssumeRole|TagSession)/.test(name)) && find(statement, "Principal")
            ? t.assumeRole
            : actionsInWords(textsOf(action), t)
        : fill(t.except, actionsInWords(textsOf(find(statement, "NotAction")), t));
    const condition = conditionInWords(find(statement, "Condition"), t);
    const principal = find(statement, "Principal") ?? find(statement, "NotPrincipal");
    if (principal && !find(statement, "Resource")) {
        const names = principalsInWords(principal, t);
        const who = find(statement, "NotPrincipal") ? fill(t.exceptPrincipals, names) : names;
        return { effect, text: fill(effect === "Allow" ? t.allowsTrust : t.deniesTrust, actions, who) + condition, isDangerous: false };
    }
    const resources = textsOf(find(statement, "Resource"));
    const not = textsOf(find(statement, "NotResource"));
    const on = not.length > 0 ? fill(t.exceptResources, not.map(resourceInWords).join(t.listAnd)) : resources.includes("*") ? t.anything : resources.map(resourceInWords).join(t.listAnd);
    const isDangerous = effect === "Allow" && textsOf(action).includes("*") && resources.includes("*") && !condition;
    return { effect, text: fill(effect === "Allow" ? t.allows : t.denies, actions, on) + condition, isDangerous };
}

// Nothing where the document is not whole yet.
export function policyInWords(source: string, t: Words): Sentence[] {
    const { value } = parse(source);
    if (!value || value.kind !== "object") return [];
    return listOf(find(value, "Statement"))
        .filter((statement) => statement.kind === "object" && find(statement, "Effect"))
        .map((statement) => sentenceOf(statement, t));
}
