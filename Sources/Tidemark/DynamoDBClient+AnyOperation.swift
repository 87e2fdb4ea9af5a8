internal import AWSCore
internal import JSONBytes

/// An answer as it came.
struct RawAnswer: CallOutput {
    var report = CallReport()
    var body: [UInt8] = []
}

extension DynamoDBClient {
    /// Calls any operation of DynamoDB's API by its name: for what has no method here, such as "CreateBackup".
    ///
    ///     let body = try await client.call("DescribeBackup", body: Array(#"{"BackupArn":"arn:…"}"#.utf8))
    ///
    /// It is signed, retried, measured and classified like any other call. Capacity is recorded where the request asks
    /// for it (`ReturnConsumedCapacity`).
    ///
    /// - Parameters:
    ///   - operation: DynamoDB's name of it: 1 to 64 letters.
    ///   - body: the request, one JSON object.
    ///   - table: the table to file the measurements under; none where it is left out.
    /// - Returns: the answer's bytes, which are one JSON object.
    /// - Throws: `validation` before anything is sent for a name or a body that cannot be; any failure of the call.
    @discardableResult
    public func call(
        _ operation: String, body: [UInt8], table: String = "", options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> [UInt8] {
        let isName = (1...64).contains(operation.utf8.count) && operation.utf8.allSatisfy(Self.isLetter)
        // A name that cannot be one must not become a series, nor part of a header.
        let name = isName ? operation : "InvalidOperation"
        let isWrite = Operation.writes.contains(name)
        let site = CallSite(
            operation: Operation(name, isWrite: isWrite, isTransactional: name.hasPrefix("Transact")), table: table,
            options: options)
        return try await perform(site) { () throws(ItemProblem) in
            guard isName else {
                throw ItemProblem(reason: "an operation's name has 1 to 64 letters: \"DescribeBackup\"")
            }
            try Self.checkObject(body)
            return PreparedRequest(body: body)
        } decode: { response throws(JSONError) in
            var answer = RawAnswer(body: response.body)
            try ResponseReader.read(response.body) { name, scanner throws(JSONError) in
                guard name == "ConsumedCapacity" else { return false }
                answer.report.consumed = try CapacityReader(isWrite: isWrite).read(from: &scanner)
                return true
            }
            return answer
        }.body
    }

    /// The same with the request as text.
    @discardableResult
    public func call(
        _ operation: String, body: String = "{}", table: String = "", options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> [UInt8] {
        try await call(operation, body: Array(body.utf8), table: table, options: options)
    }

    private static func checkObject(_ body: [UInt8]) throws(ItemProblem) {
        do throws(JSONError) {
            try ResponseReader.read(body) { _, _ throws(JSONError) in false }
        } catch {
            throw ItemProblem(reason: "the request is not a JSON object: \(error.description)")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
