import { describe, expect, it } from "vitest";
import { match, pageOfDestination, regionOfDestination } from "./router";
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
        expect(pageOfDestination("https://eu-west-1.console.aws.amazon.com/iam/home?region=eu-west-1#/roles")).toBe("/iam/roles");
        expect(pageOfDestination(`${location.origin}/console/identity-center/users`)).toBe("/identity-center/users");
    });
    it("lead further where they name one thing", () => {
        for (const [destination, page] of [
            ["https://console.aws.amazon.com/eks/home?region=us-west-2#/clusters/my-cluster", "/eks/clusters/my-cluster"],
            ["https://us-west-2.console.aws.amazon.com/eks/clusters/my-cluster?region=us-west-2", "/eks/clusters/my-cluster"],
            ["https://console.aws.amazon.com/iam/home#/roles/details/EKSClusterCreator", "/iam/roles/EKSClusterCreator"],
            ["https://console.aws.amazon.com/iamv2/home#/roles/details/a@b?section=permissions", "/iam/roles/a%40b"],
            ["https://console.aws.amazon.com/singlesignon/applications?region=us-east-1", "/identity-center/applications"],
            ["https://console.aws.amazon.com/organizations/v2/home/accounts/111122223333", "/organization/accounts/111122223333"],
            ["https://console.aws.amazon.com/eks/home#/clusters/..%2Fx", "/eks/clusters"],
            ["https://console.aws.amazon.com/ec2/home", "/"],
        ]) {
            expect(pageOfDestination(destination!), destination).toBe(page);
        }
    });
    it("name a region", () => {
        expect(regionOfDestination("https://console.aws.amazon.com/eks/home?region=us-west-2#/clusters")).toBe("us-west-2");
        expect(regionOfDestination("https://eu-west-1.console.aws.amazon.com/eks/home")).toBe("eu-west-1");
        for (const none of ["https://console.aws.amazon.com/eks", "https://evil.example/?region=us-west-2", "https://console.aws.amazon.com/?region=<x>", ""]) {
            expect(regionOfDestination(none), none).toBeUndefined();
        }
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
