import { describe, expect, it } from "vitest";
import { match, pageOfDestination } from "./router";
import { minutesOfDuration, formatMinutes } from "./parts/format";
import { allTexts, textsOf } from "./texts";

describe("addresses", () => {
    it("give their parameters, decoded", () => {
        expect(match("/iam/policies/:arn", "/iam/policies/arn%3Aaws%3Aiam%3A%3A1%3Apolicy%2Fa")).toEqual({ arn: "arn:aws:iam::1:policy/a" });
        expect(match("/a/:id", "/a/b/c")).toBeUndefined();
        expect(match("/a/:id", "/a/%zz")).toBeUndefined();
        expect(match("/a", "/a")).toEqual({});
    });
});

describe("relay states", () => {
    it("lead to the service's page", () => {
        expect(pageOfDestination("https://console.aws.amazon.com/eks")).toBe("/eks/clusters");
        expect(pageOfDestination("https://eu-west-1.console.aws.amazon.com/iam/home?region=eu-west-1#/roles")).toBe("/iam/users");
        expect(pageOfDestination(`${location.origin}/console/identity-center/users`)).toBe("/identity-center/users");
    });
    it("never lead away", () => {
        for (const bad of ["https://evil.example/eks", "https://console.aws.amazon.com.evil.example/eks", "javascript:alert(1)", "//evil.example", "", "nonsense"]) {
            expect(pageOfDestination(bad), bad).toBe("/");
        }
    });
});

describe("durations", () => {
    it("are read and said", () => {
        expect(minutesOfDuration("PT1H")).toBe(60);
        expect(minutesOfDuration("PT12H30M")).toBe(750);
        expect(minutesOfDuration("P1DT1H")).toBe(1500);
        expect(minutesOfDuration("nonsense")).toBe(0);
        expect(formatMinutes(90)).toBe("1 hour 30 minutes");
    });
});

describe("texts", () => {
    it("are complete in both languages", () => {
        const english = textsOf("en") as unknown as Record<string, Record<string, string>>;
        const japanese = textsOf("ja") as unknown as Record<string, Record<string, string>>;
        for (const [part, pairs] of Object.entries(allTexts)) {
            for (const name of Object.keys(pairs)) {
                expect(english[part]![name], `${part}.${name}`).toBeTruthy();
                expect(japanese[part]![name], `${part}.${name}`).toBeTruthy();
            }
        }
    });
});
