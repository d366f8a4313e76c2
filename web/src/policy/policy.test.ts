import { describe, expect, it } from "vitest";
import { textsOf } from "../texts";
import { checkPolicy, type PolicyKind } from "./check";
import { lineOf, parse } from "./parse";
import { readDocument } from "../api/iam";
import { pretty } from "./document";
import { policyInWords } from "./words";

const t = textsOf("en").policy;
const statement = (members: string): string => `{"Version": "2012-10-17", "Statement": [{${members}}]}`;
const problems = (text: string, kind: PolicyKind = "identity"): string[] => checkPolicy(text, kind, t).map((problem) => problem.text);
const words = (text: string): string[] => policyInWords(text, t).map((sentence) => sentence.text);

describe("JSON with places", () => {
    it("takes what JSON.parse takes", () => {
        for (const text of ["{}", "[]", '{"a": [1, -2.5e3, true, false, null, "x\\u00e9\\n"]}', " 0 ", '""']) expect(parse(text).value, text).toBeDefined();
    });
    it("refuses what JSON.parse refuses, at its place", () => {
        const bad: [string, number][] = [
            ["{", 1],
            ['{"a": 1,}', 8],
            ['{"a" 1}', 5],
            ["[1 2]", 3],
            ['{"a": tru}', 6],
            ['"open', 0],
            ["01", 0],
            ["1.", 0],
            ["{} x", 3],
            ['{"a": "b\\x"}', 6],
            ["", 0],
        ];
        for (const [text, at] of bad) {
            expect(() => JSON.parse(text) as unknown, text).toThrow();
            expect(parse(text).fault?.at, text).toBe(at);
        }
    });
    it("finds a name that is there twice, and limits depth", () => {
        expect(parse('{"a": 1, "a": 2}').fault).toMatchObject({ code: "duplicate", found: "a" });
        expect(parse("[".repeat(100)).fault).toBeDefined();
    });
    it("counts lines", () => {
        expect(lineOf("a\nb\nc", 4)).toBe(3);
    });
});

describe("what is wrong with a policy", () => {
    it("is nothing for a right one", () => {
        expect(problems(statement('"Effect": "Allow", "Action": ["eks:*", "sts:AssumeRole"], "Resource": "*"'))).toEqual([]);
        expect(problems(statement('"Sid": "A", "Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}'))).toEqual([]);
        expect(problems(statement('"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"'), "trust")).toEqual([]);
    });
    it("is said for each mistake", () => {
        expect(problems("")).toEqual([t.empty]);
        expect(problems('{"Version": "2012-10-17"}')).toEqual([t.noStatement]);
        expect(problems(statement('"Effect": "Alow", "Action": "s3:*", "Resource": "*"'))).toEqual([t.badEffect]);
        expect(problems(statement('"Effect": "Allow", "Action": [], "Resource": "*"'))).toEqual([t.noAction]);
        expect(problems(statement('"Effect": "Allow", "Action": "s3", "Resource": "bucket"'))).toHaveLength(2);
        expect(problems(statement('"Effect": "Allow", "Action": "s3:*"'))).toEqual([t.noResource]);
        expect(problems(statement('"Effect": "Allow", "Actions": "s3:*", "Action": "s3:*", "Resource": "*"'))).toHaveLength(1);
        expect(problems(statement('"Effect": "Allow", "Action": "s3:*", "NotAction": "s3:*", "Resource": "*"'))).toHaveLength(1);
        expect(problems(statement('"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEqual": {"a": "b"}}'))).toHaveLength(1);
        expect(problems(statement('"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"'))).toEqual([t.noPrincipalHere]);
        expect(problems(statement('"Effect": "Allow", "Action": "sts:AssumeRole"'), "trust")).toEqual([t.noPrincipal]);
        expect(problems("[]")).toEqual([t.notObject]);
    });
    it("names the line", () => {
        const text = '{\n  "Version": "2012-10-17",\n  "Statement": [{\n    "Effect": "Allow",\n    "Action": "nothing",\n    "Resource": "*"\n  }]\n}';
        expect(checkPolicy(text, "identity", t)).toMatchObject([{ line: 5 }]);
    });
    it("an old version is a warning", () => {
        const found = checkPolicy('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}', "identity", t);
        expect(found).toMatchObject([{ isWarning: true }]);
    });
});

describe("a policy in words", () => {
    it("says services, names and resources", () => {
        expect(words(statement('"Effect": "Allow", "Action": ["eks:*", "sts:AssumeRole"], "Resource": "*"'))).toEqual([
            "Allows everything in EKS and AssumeRole in STS on all resources",
        ]);
        expect(words(statement('"Effect": "Deny", "Action": "s3:Get*", "Resource": "arn:aws:s3:::mine/*"'))).toEqual(["Denies Get* in S3 on s3 mine/*"]);
        expect(words(statement('"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"'))).toEqual(["Denies everything but everything in IAM on all resources"]);
    });
    it("says conditions and principals", () => {
        expect(words(statement('"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}'))[0]).toContain(
            "when aws:MultiFactorAuthPresent = true",
        );
        expect(words(statement('"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"'))).toEqual(["Lets 111122223333 assume this role"]);
    });
    it("warns of full access", () => {
        expect(policyInWords(statement('"Effect": "Allow", "Action": "*", "Resource": "*"'), t)[0]!.isDangerous).toBe(true);
        expect(policyInWords(statement('"Effect": "Deny", "Action": "*", "Resource": "*"'), t)[0]!.isDangerous).toBe(false);
    });
    it("says nothing of half a document", () => {
        expect(words('{"Statement": [')).toEqual([]);
    });
});

describe("documents to read", () => {
    it("are laid out, and nothing in them is decoded", () => {
        expect(pretty('{"Resource":"arn:aws:s3:::a%2Fb"}')).toBe('{\n  "Resource": "arn:aws:s3:::a%2Fb"\n}');
        expect(pretty("{")).toBe("{");
        expect(readDocument("%7B%22Resource%22%3A%22a%252Fb%22%7D")).toBe('{\n  "Resource": "a%2Fb"\n}');
    });
});
