import AWSCore
import Foundation
import Testing
import Tidemark
import TidemarkFoundation

/// What Foundation's users see of an error.
struct LocalizedErrorTests {
    @Test func anErrorsLocalizedDescriptionSaysWhatItIs() {
        let errors: [(any Error, String)] = [
            (
                TidemarkError(
                    code: .validation, message: "Value 'alice' at 'key' failed", operation: "GetItem", table: "T"),
                "GetItem on T failed (validation): Value '…' at 'key' failed"
            ),
            (
                AWSFailure(class: .server, code: "InternalFailure", message: "m", status: 500),
                "InternalFailure (500): m"
            ),
            (AWSConfigurationError(cause: "no region", fix: "set AWS_REGION"), "no region: set AWS_REGION"),
            (TransportError(code: .dns, message: "no such host"), "no such host"),
        ]
        for (error, expected) in errors { #expect(error.localizedDescription == expected) }
        let advice = AWSConfigurationError(cause: "no region", fix: "set AWS_REGION") as any LocalizedError
        #expect(advice.failureReason == "no region" && advice.recoverySuggestion == "set AWS_REGION")
    }
}
