export { Organization } from "./tree";
export { AccountPage } from "./account";
export { Policies, CreatePolicy, PolicyPage } from "./policies";
export { Delegation } from "./delegation";
