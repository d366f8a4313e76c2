// What AWS said when it refused, or what the network did.
export class AwsError extends Error {
    constructor(
        readonly code: string,
        message: string,
        readonly status: number,
        readonly requestId = "",
    ) {
        super(message || code);
    }

    get isDenied(): boolean {
        return this.code === "AccessDenied" || this.code === "AccessDeniedException" || this.code === "UnauthorizedOperation";
    }
    get isMissing(): boolean {
        return this.status === 404 || this.code.endsWith("NotFoundException") || this.code === "NoSuchEntity";
    }
    // The credentials are over: the person signs in again.
    get isExpired(): boolean {
        return ["ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"].includes(this.code);
    }
}

export function asAwsError(reason: unknown): AwsError {
    if (reason instanceof AwsError) return reason;
    const message = reason instanceof Error ? reason.message : String(reason);
    return new AwsError("NetworkFailure", message, 0);
}
