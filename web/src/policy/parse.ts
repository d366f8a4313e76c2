// JSON (RFC 8259) with the place of everything, so that an error can point at its line while one types.

export type Kind = "object" | "array" | "string" | "number" | "boolean" | "null";

export interface Member {
    name: string;
    at: number; // of its name
    value: Value;
}
export interface Value {
    kind: Kind;
    at: number;
    text: string; // a string's content, a number's or literal's own text
    members: Member[];
    items: Value[];
}

export type Fault = { at: number; code: "unexpected"; found: string } | { at: number; code: "unexpectedEnd" | "badString" | "badNumber" } | { at: number; code: "duplicate"; found: string };

class Failure extends Error {
    constructor(readonly fault: Fault) {
        super(fault.code);
    }
}

const depthMax = 32;

class Parser {
    private at = 0;
    constructor(private readonly text: string) {}

    document(): Value {
        const value = this.value(0);
        this.space();
        if (this.at < this.text.length) this.unexpected();
        return value;
    }

    private space(): void {
        while (/[ \t\r\n]/.test(this.text[this.at] ?? "")) this.at++;
    }
    private unexpected(): never {
        const found = this.text[this.at];
        throw new Failure(found === undefined ? { at: this.text.length, code: "unexpectedEnd" } : { at: this.at, code: "unexpected", found });
    }
    private take(wanted: string): boolean {
        this.space();
        if (this.text[this.at] !== wanted) return false;
        this.at++;
        return true;
    }
    private expect(wanted: string): void {
        if (!this.take(wanted)) this.unexpected();
    }

    private value(depth: number): Value {
        this.space();
        const at = this.at;
        const made = (kind: Kind, rest: Partial<Value> = {}): Value => ({ kind, at, text: "", members: [], items: [], ...rest });
        if (depth > depthMax) this.unexpected();
        switch (this.text[at]) {
            case "{":
                return made("object", { members: this.members(depth) });
            case "[":
                return made("array", { items: this.items(depth) });
            case '"':
                return made("string", { text: this.string() });
        }
        const word = /^(true|false|null)\b/.exec(this.text.slice(at, at + 6))?.[0];
        if (word) {
            this.at += word.length;
            return made(word === "null" ? "null" : "boolean", { text: word });
        }
        if (/[-0-9]/.test(this.text[at] ?? "")) return made("number", { text: this.number() });
        return this.unexpected();
    }

    private members(depth: number): Member[] {
        this.expect("{");
        const members: Member[] = [];
        if (this.take("}")) return members;
        do {
            this.space();
            const at = this.at;
            if (this.text[at] !== '"') this.unexpected();
            const name = this.string();
            if (members.some((member) => member.name === name)) throw new Failure({ at, code: "duplicate", found: name });
            this.expect(":");
            members.push({ name, at, value: this.value(depth + 1) });
        } while (this.take(","));
        this.expect("}");
        return members;
    }

    private items(depth: number): Value[] {
        this.expect("[");
        const items: Value[] = [];
        if (this.take("]")) return items;
        do items.push(this.value(depth + 1));
        while (this.take(","));
        this.expect("]");
        return items;
    }

    private string(): string {
        const at = this.at;
        const found = /^"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/.exec(this.text.slice(at));
        if (!found) throw new Failure({ at, code: "badString" });
        this.at += found[0].length;
        return JSON.parse(found[0]) as string;
    }
    private number(): string {
        const at = this.at;
        const found = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/.exec(this.text.slice(at));
        if (!found) throw new Failure({ at, code: "badNumber" });
        this.at += found[0].length;
        return found[0];
    }
}

export function parse(text: string): { value: Value; fault?: undefined } | { value?: undefined; fault: Fault } {
    try {
        return { value: new Parser(text).document() };
    } catch (reason) {
        if (reason instanceof Failure) return { fault: reason.fault };
        throw reason;
    }
}

export function lineOf(text: string, at: number): number {
    return text.slice(0, at).split("\n").length;
}

export function find(value: Value, name: string): Value | undefined {
    return value.members.find((member) => member.name === name)?.value;
}
// One or many: policies allow both wherever a list is meant.
export function listOf(value: Value | undefined): Value[] {
    return value === undefined ? [] : value.kind === "array" ? value.items : [value];
}
