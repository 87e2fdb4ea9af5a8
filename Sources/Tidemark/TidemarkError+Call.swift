internal import AWSCore
internal import JSONBytes

extension TidemarkError {
    /// The classified failure of a call, put into the caller's terms.
    init(_ failure: AWSFailure, at site: CallSite) {
        self.init(
            code: Code(failure.class), message: failure.message, operation: site.operation.name, table: site.table,
            pattern: site.options.pattern, attempts: failure.attempts, requestID: failure.requestID,
            throttleReasons: failure.throttleReasons, underlying: failure)
        switch failure.code {
        case "TransactionCanceledException":
            cancellationReasons = RefusedItems.cancellationReasons(in: failure.errorBody)
        case "ConditionalCheckFailedException": conflictingItem = RefusedItems.item(in: failure.errorBody)
        default: break
        }
    }

    /// The same error with the call's place filled in.
    func at(_ site: CallSite) -> TidemarkError {
        var error = self
        error.operation = site.operation.name
        error.table = site.table
        error.pattern = site.options.pattern
        return error
    }

    /// The class under which the failure is measured. A breach of the contract is the client's own refusal.
    var failureClass: FailureClass {
        FailureClass.allCases.first { Code($0) == code } ?? .client
    }
}

extension TidemarkError.Code {
    init(_ failure: FailureClass) {
        switch failure {
        case .throttled: self = .throttled
        case .conditionFailed: self = .conditionFailed
        case .transactionConflict: self = .transactionConflict
        case .validation: self = .validation
        case .accessDenied: self = .accessDenied
        case .credentials: self = .credentials
        case .notFound: self = .notFound
        case .server: self = .server
        case .timeout: self = .timeout
        case .network: self = .network
        case .cancelled: self = .cancelled
        case .client: self = .client
        case .malformedResponse: self = .malformedResponse
        }
    }
}

/// Items that a refusal brings along. An answer that cannot be read simply brings none.
package enum RefusedItems {
    package static func item(in body: [UInt8]) -> Item? {
        var scanner = JSONScanner(body)
        do {
            try scanner.beginObject()
            while let name = try scanner.nextKey() {
                if name == "Item" { return try ItemCodec.readItem(from: &scanner) }
                try scanner.skipValue()
            }
        } catch {}
        return nil
    }

    package static func cancellationReasons(in body: [UInt8]) -> [CancellationReason] {
        var scanner = JSONScanner(body)
        var reasons: [CancellationReason] = []
        do {
            try scanner.beginObject()
            while let name = try scanner.nextKey() {
                guard name == "CancellationReasons" else {
                    try scanner.skipValue()
                    continue
                }
                try scanner.beginArray()
                while try scanner.nextElement() { reasons.append(try reason(from: &scanner)) }
            }
        } catch {}
        return reasons
    }

    private static func reason(from scanner: inout JSONScanner) throws(JSONError) -> CancellationReason {
        var reason = CancellationReason(code: "None")
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
            guard try scanner.peekKind() != .null else {
                try scanner.readNull()
                continue
            }
            switch name {
            case "Code": reason.code = try scanner.readString()
            case "Message": reason.message = try scanner.readString()
            case "Item": reason.item = try ItemCodec.readItem(from: &scanner)
            default: try scanner.skipValue()
            }
        }
        return reason
    }
}
