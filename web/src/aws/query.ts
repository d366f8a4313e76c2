// The query protocol of IAM and STS, and EC2's: inputs as form fields, answers as XML.

export type Value = string | number | boolean | undefined | Value[] | { [name: string]: Value };
export type Input = { [name: string]: Value };

// {Tags: [{Key: "a"}]} -> Tags.member.1.Key=a; of EC2, whose lists have no part of their own: Tags.1.Key=a
export function formFields(input: Input, listPart = ".member"): [string, string][] {
    const fields: [string, string][] = [];
    const add = (name: string, value: Value): void => {
        if (value === undefined) return;
        if (Array.isArray(value)) value.forEach((item, index) => add(`${name}${listPart}.${index + 1}`, item));
        else if (typeof value === "object") for (const [key, item] of Object.entries(value)) add(`${name}.${key}`, item);
        else fields.push([name, String(value)]);
    };
    for (const [name, value] of Object.entries(input)) add(name, value);
    return fields;
}

// Lists are elements of <member> (of <item> in EC2); what holds nothing at all is an empty text, which readers take as an empty list too.
function valueOf(element: Element): unknown {
    const children = Array.from(element.children);
    if (children.length === 0) return element.textContent ?? "";
    if (children.every((child) => child.localName === "member" || child.localName === "item")) return children.map(valueOf);
    return Object.fromEntries(children.map((child) => [child.localName, valueOf(child)]));
}

const membersOf = (element: Element | undefined): Record<string, unknown> => {
    const value = element ? valueOf(element) : {};
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
};

// The content of <OperationResult>; an operation without one answers nothing.
export function parseResult(xml: string, operation: string): Record<string, unknown> {
    const root = new DOMParser().parseFromString(xml, "text/xml").documentElement;
    return membersOf(Array.from(root.children).find((child) => child.localName === `${operation}Result`));
}

// EC2's answers are the document itself.
export function parseEc2Result(xml: string): Record<string, unknown> {
    return membersOf(new DOMParser().parseFromString(xml, "text/xml").documentElement);
}

export function parseError(xml: string): { code: string; message: string; requestId: string } {
    const root = new DOMParser().parseFromString(xml, "text/xml");
    const text = (name: string): string => root.getElementsByTagName(name)[0]?.textContent ?? "";
    return { code: text("Code") || "UnknownError", message: text("Message"), requestId: text("RequestId") };
}

// What XML cannot say: a list with nothing in it.
export function list<T>(value: unknown): T[] {
    return Array.isArray(value) ? (value as T[]) : [];
}
