import { describe, expect, it } from "vitest";
import { restRequest } from "./client";
import { formFields, list, parseEc2Result, parseError, parseResult } from "./query";

describe("the query protocol", () => {
    it("flattens lists and structures, and leaves out what is not there", () => {
        expect(formFields({ UserName: "a", Tags: [{ Key: "k", Value: "v" }], Max: 3, None: undefined, On: true })).toEqual([
            ["UserName", "a"],
            ["Tags.member.1.Key", "k"],
            ["Tags.member.1.Value", "v"],
            ["Max", "3"],
            ["On", "true"],
        ]);
    });
    it("reads lists of one, of many and of none", () => {
        const xml = (inside: string): string =>
            `<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult>${inside}<IsTruncated>false</IsTruncated></ListUsersResult></ListUsersResponse>`;
        const users = (inside: string): unknown[] => list(parseResult(xml(inside), "ListUsers")["Users"]);
        expect(users("<Users><member><UserName>a</UserName></member></Users>")).toEqual([{ UserName: "a" }]);
        expect(users("<Users><member><UserName>a</UserName></member><member><UserName>b</UserName></member></Users>")).toHaveLength(2);
        expect(users("<Users/>")).toEqual([]);
        expect(users("")).toEqual([]);
    });
    it("reads an error, and text stays text", () => {
        const xml =
            "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>&lt;b&gt;no&lt;/b&gt;</Message></Error><RequestId>r-1</RequestId></ErrorResponse>";
        expect(parseError(xml)).toEqual({ code: "NoSuchEntity", message: "<b>no</b>", requestId: "r-1" });
        expect(parseError("no XML").code).toBe("UnknownError");
    });
    it("has EC2's forms: lists without a part of their own, items, and the document as the answer", () => {
        expect(formFields({ TagSpecification: [{ ResourceType: "vpc", Tag: [{ Key: "Name", Value: "a" }] }] }, "")).toEqual([
            ["TagSpecification.1.ResourceType", "vpc"],
            ["TagSpecification.1.Tag.1.Key", "Name"],
            ["TagSpecification.1.Tag.1.Value", "a"],
        ]);
        const answer = parseEc2Result("<DescribeSubnetsResponse><requestId>r</requestId><subnetSet><item><subnetId>s</subnetId><tagSet/></item></subnetSet></DescribeSubnetsResponse>");
        expect(list(answer["subnetSet"])).toEqual([{ subnetId: "s", tagSet: "" }]);
        expect(parseError("<Response><Errors><Error><Code>InvalidSubnet.Conflict</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>")).toMatchObject({
            code: "InvalidSubnet.Conflict",
            message: "no",
        });
    });
    it("an operation without a result answers nothing", () => {
        expect(parseResult("<DeleteUserResponse><ResponseMetadata/></DeleteUserResponse>", "DeleteUser")).toEqual({});
    });
});

describe("EKS's routes", () => {
    it("put names into the path, encoded, and the rest where it belongs", () => {
        const entry = restRequest("DescribeAccessEntry", { clusterName: "c", principalArn: "arn:aws:iam::1:role/a" });
        expect(entry).toMatchObject({ method: "GET", path: "/clusters/c/access-entries/arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa", body: "" });
        const made = restRequest("CreateNodegroup", { clusterName: "c", nodegroupName: "n" });
        expect([made.method, made.path, made.body]).toEqual(["POST", "/clusters/c/node-groups", '{"nodegroupName":"n"}']);
        const listing = restRequest("ListClusters", { maxResults: 100, nextToken: undefined });
        expect(listing.query).toEqual([["maxResults", "100"]]);
        const update = restRequest("UpdateNodegroupConfig", { clusterName: "c", nodegroupName: "n", scalingConfig: { minSize: 1 } });
        expect(update.path).toBe("/clusters/c/node-groups/n/update-config");
        expect(JSON.parse(update.body)).toEqual({ scalingConfig: { minSize: 1 } });
    });
});
