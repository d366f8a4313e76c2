export { Organization } from "./tree";
export { AccountPage } from "./account";
export { Policies, CreatePolicy, PolicyPage } from "./policies";
