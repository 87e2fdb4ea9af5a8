internal import AWSCore
internal import JSONBytes

extension TidemarkError {
    /// The classified failure of a call, put into the caller's terms.
    ///
    /// - Parameter body: the request, whose values are left out of what is shown.
    init(_ failure: AWSFailure, at site: CallSite, endpoint: AWSEndpoint? = nil, body: [UInt8] = []) {
        self.init(
            code: Code(failure), message: failure.message, operation: site.operation.name, table: site.table,
            pattern: site.options.pattern, attempts: failure.attempts, requestID: failure.requestID,
            throttleReasons: failure.throttleReasons)
        index = site.index
        var failure = failure
        if failure.status == nil {
            // Ours alone: what we say of a host or a limit is not to be cut where a value happens to be the same.
            shownMessage = message
        } else {
            let shown = TidemarkError.shown(failure, body: body)
            shownMessage = shown
            failure.shownMessage = shown
        }
        underlying = failure
        self.endpoint = TidemarkError.host(of: failure.url.isEmpty ? endpoint?.url ?? "" : failure.url)
        switch failure.code {
        case "TransactionCanceledException":
            cancellationReasons = RefusedItems.cancellationReasons(in: failure.errorBody)
        case "ConditionalCheckFailedException": conflictingItem = RefusedItems.item(in: failure.errorBody)
        default: break
        }
    }

    private static let usualMessages = [
        "The conditional request failed", "The level of configured provisioned throughput", "Throughput exceeds",
        "Rate exceeded",
    ]

    /// An error of ours about a call to this endpoint.
    init(code: Code, message: String, at site: CallSite, endpoint: AWSEndpoint) {
        self = TidemarkError(code: code, message: message).at(site)
        self.endpoint = TidemarkError.host(of: endpoint.url)
    }

    /// The same error with the call's place filled in.
    func at(_ site: CallSite) -> TidemarkError {
        var error = self
        error.operation = site.operation.name
        error.table = site.table
        error.index = site.index
        error.pattern = site.options.pattern
        return error
    }

    /// The class under which the failure is measured. A breach of the contract is the client's own refusal.
    var failureClass: FailureClass { underlying?.class ?? code.failureClass }

    /// The message without the request's values; what is ours of it stays whole.
    private static func shown(_ failure: AWSFailure, body: [UInt8]) -> String {
        guard let said = failure.saidByService else { return failure.message }
        // A throttle and a failed condition are common: what is always said of them quotes no values.
        let isUsual = usualMessages.contains { said.hasPrefix($0) && said.utf8.count < 400 }
        func cut(_ text: String) -> String { Redaction.withoutValues(text, of: isUsual ? [] : body).withoutControls }
        let places = failure.message.ranges(of: said)
        guard said != failure.message, places.count == 1, let place = places.first else { return cut(failure.message) }
        return String(failure.message[..<place.lowerBound]) + cut(said) + failure.message[place.upperBound...]
    }

    /// "127.0.0.1:8000" of "http://127.0.0.1:8000/"; without what stands before an @.
    private static func host(of url: String) -> String {
        let afterScheme = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
        return String(afterScheme.split(separator: "@", omittingEmptySubsequences: false).last ?? "")
    }
}

extension TidemarkError.Code {
    /// What the failure is to a caller: its class, and finer where DynamoDB's name or the failure's own says more.
    init(_ failure: AWSFailure) {
        if let known = Self.byName[failure.code] {
            self = known
        } else if failure.code == "TransactionCanceledException", failure.class == .transactionConflict,
            !RefusedItems.cancellationReasons(in: failure.errorBody).contains(where: {
                $0.code == "TransactionConflict"
            })
        {
            self = .transactionCancelled
        } else {
            self = Self.byClass[Int(failure.class.rawValue)]
        }
    }

    private static let byName: [String: Self] = [
        "ExpiredTokenException": .expiredCredentials, "ExpiredToken": .expiredCredentials,
        "TokenRefreshRequired": .expiredCredentials, "TransactionInProgressException": .transactionInProgress,
        "ItemCollectionSizeLimitExceededException": .itemCollectionTooLarge, "LimitExceededException": .limitExceeded,
        "LimitExceeded": .limitExceeded, "LimitExceededFault": .limitExceeded,
        AWSFailure.checksumMismatch: .checksumMismatch,
    ]

    /// In the order of `FailureClass`.
    private static let byClass: [Self] = [
        .throttled, .conditionFailed, .transactionConflict, .validation, .accessDenied, .credentials, .notFound,
        .server, .timeout, .network, .cancelled, .client, .malformedResponse, .circuitOpen,
    ]

    /// The class under which a failure without an answer of DynamoDB's is measured.
    var failureClass: FailureClass {
        if let place = Self.byClass.firstIndex(of: self) { return FailureClass.allCases[place] }
        switch self {
        case .transactionCancelled, .transactionInProgress: return .transactionConflict
        case .itemCollectionTooLarge: return .validation
        case .limitExceeded: return .throttled
        case .expiredCredentials: return .credentials
        case .checksumMismatch: return .malformedResponse
        default: return .client
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
            case "Code": reason.code = ServiceName.error(try scanner.readString())
            case "Message": reason.message = try scanner.readString()
            case "Item": reason.item = try ItemCodec.readItem(from: &scanner)
            default: try scanner.skipValue()
            }
        }
        return reason
    }
}
