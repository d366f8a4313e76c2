// What is wrong with a policy document, in words, each at its line. The server has the last word; this says while one
// types what it would say (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
import { fill, type Texts } from "../texts";
import { find, lineOf, listOf, parse, type Fault, type Value } from "./parse";

export type PolicyKind = "identity" | "trust" | "resource";

export interface Problem {
    line: number;
    text: string;
    isWarning?: boolean;
}

type Words = Texts["policy"];

const topMembers = ["Version", "Id", "Statement"];
const statementMembers = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

const operator =
    /^(ForAllValues:|ForAnyValue:)?(String(Equals|NotEquals|EqualsIgnoreCase|NotEqualsIgnoreCase|Like|NotLike)|Numeric(Equals|NotEquals|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals)|Date(Equals|NotEquals|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals)|Bool|BinaryEquals|IpAddress|NotIpAddress|Arn(Equals|Like|NotEquals|NotLike)|Null)(IfExists)?$/;
const action = /^(\*|[a-zA-Z0-9-]+:[\w*?-]+)$/;
const resource = /^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+|arn:\*.*|\$\{.*)$/;

function faultText(fault: Fault, t: Words): string {
    switch (fault.code) {
        case "unexpected":
            return fill(t.unexpected, fault.found);
        case "duplicate":
            return fill(t.duplicate, fault.found);
        default:
            return t[fault.code];
    }
}

class Check {
    readonly problems: Problem[] = [];
    constructor(
        private readonly source: string,
        private readonly kind: PolicyKind,
        private readonly t: Words,
    ) {}

    add(at: number, text: string, isWarning = false): void {
        this.problems.push({ line: lineOf(this.source, at), text, isWarning });
    }

    document(value: Value): void {
        if (value.kind !== "object") return this.add(value.at, this.t.notObject);
        this.names(value, topMembers);
        const version = find(value, "Version");
        if (!version) this.add(value.at, this.t.oldVersion, true);
        else if (version.kind !== "string" || !["2012-10-17", "2008-10-17"].includes(version.text)) this.add(version.at, this.t.badVersion);
        const statement = find(value, "Statement");
        if (!statement || (statement.kind === "array" && statement.items.length === 0)) return this.add(statement?.at ?? value.at, this.t.noStatement);
        for (const item of listOf(statement)) this.statement(item);
    }

    private names(value: Value, known: string[]): void {
        for (const member of value.members) if (!known.includes(member.name)) this.add(member.at, fill(this.t.unknownMember, member.name));
    }

    private statement(value: Value): void {
        const t = this.t;
        if (value.kind !== "object") return this.add(value.at, t.noStatement);
        this.names(value, statementMembers);
        const effect = find(value, "Effect");
        if (!effect || !["Allow", "Deny"].includes(effect.text)) this.add(effect?.at ?? value.at, t.badEffect);
        this.pair(value, "Action", "NotAction", t.noAction, action, t.badAction);
        if (this.kind === "trust") {
            for (const name of ["Resource", "NotResource"]) if (find(value, name)) this.add(find(value, name)!.at, t.noResourceHere);
        } else {
            this.pair(value, "Resource", "NotResource", t.noResource, resource, t.badResource);
        }
        const principal = find(value, "Principal") ?? find(value, "NotPrincipal");
        if (this.kind === "identity" && principal) this.add(principal.at, t.noPrincipalHere);
        if (this.kind !== "identity" && !principal) this.add(value.at, t.noPrincipal);
        const condition = find(value, "Condition");
        if (condition) this.condition(condition);
    }

    private pair(value: Value, name: string, negated: string, missing: string, form: RegExp, bad: string): void {
        const [plain, not] = [find(value, name), find(value, negated)];
        if (plain && not) this.add(not.at, fill(this.t.bothActions, name, negated));
        const items = listOf(plain ?? not);
        if (items.length === 0) return this.add((plain ?? not ?? value).at, missing);
        for (const item of items) {
            if (item.kind !== "string") this.add(item.at, fill(this.t.notTexts, name));
            else if (!form.test(item.text)) this.add(item.at, fill(bad, item.text));
        }
    }

    private condition(value: Value): void {
        if (value.kind !== "object") return this.add(value.at, this.t.badCondition);
        for (const member of value.members) {
            if (!operator.test(member.name)) this.add(member.at, fill(this.t.unknownOperator, member.name));
            if (member.value.kind !== "object") this.add(member.value.at, this.t.badCondition);
        }
    }
}

export function checkPolicy(source: string, kind: PolicyKind, t: Words): Problem[] {
    if (source.trim() === "") return [{ line: 1, text: t.empty }];
    const { value, fault } = parse(source);
    if (fault) return [{ line: lineOf(source, fault.at), text: faultText(fault, t) }];
    const check = new Check(source, kind, t);
    check.document(value);
    return check.problems;
}
