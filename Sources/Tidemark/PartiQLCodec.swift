internal import JSONBytes

/// The requests and answers of the three PartiQL operations.
enum PartiQLCodec {
    /// Statements of one BatchExecuteStatement.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
    static let maximumBatchStatements = 25

    static func write(
        _ statement: PartiQLStatement, limit: Int?, nextToken: String?, consistent: Bool
    ) throws(ItemProblem) -> PreparedRequest {
        var writer = RequestWriter(reserving: 128 + statement.text.utf8.count)
        try writer.statement(statement)
        if consistent { writer.json.member("ConsistentRead", true) }
        if let limit {
            guard limit > 0 else { throw ItemProblem(reason: "the limit is \(limit): it must be at least 1") }
            writer.json.member("Limit", limit)
        }
        if let nextToken { writer.json.member("NextToken", nextToken) }
        return writer.finish(keys: [])
    }

    static func writeBatch(
        _ statements: [PartiQLStatement], consistent: Bool
    ) throws(ItemProblem) -> PreparedRequest {
        guard (1...maximumBatchStatements).contains(statements.count) else {
            throw ItemProblem(
                reason: "a batch has 1 to \(maximumBatchStatements) statements, not \(statements.count)")
        }
        var writer = RequestWriter(reserving: 64 + statements.count * 192)
        writer.json.key("Statements")
        writer.json.beginArray()
        for statement in statements {
            writer.json.beginObject()
            try writer.statement(statement)
            if consistent { writer.json.member("ConsistentRead", true) }
            writer.json.endObject()
        }
        writer.json.endArray()
        return writer.finish(keys: [])
    }

    static func writeTransaction(
        _ statements: [PartiQLStatement], token: String
    ) throws(ItemProblem) -> PreparedRequest {
        try TransactCodec.checkCount(statements.count)
        try TransactCodec.check(token: token)
        var writer = RequestWriter(reserving: 128 + statements.count * 192)
        writer.json.member("ClientRequestToken", token)
        writer.json.key("TransactStatements")
        writer.json.beginArray()
        for statement in statements {
            writer.json.beginObject()
            try writer.statement(statement)
            writer.json.endObject()
        }
        writer.json.endArray()
        return writer.finish(keys: [])
    }

    // MARK: Answers

    static func readResults(from scanner: inout JSONScanner) throws(JSONError) -> [StatementResult] {
        var results: [StatementResult] = []
        try scanner.beginArray()
        while try scanner.nextElement() {
            var result = StatementResult()
            defer { results.append(result) }
            guard try scanner.peekKind() != .null else {
                try scanner.readNull()
                continue
            }
            try scanner.beginObject()
            while let name = try scanner.nextKey() {
                if try scanner.peekKind() == .null {
                    try scanner.readNull()
                    continue
                }
                switch name {
                case "Item": result.item = try ItemCodec.readItem(from: &scanner)
                case "TableName": result.table = try scanner.readString()
                case "Error": result.failure = try readFailure(from: &scanner)
                default: try scanner.skipValue()
                }
            }
        }
        return results
    }

    private static func readFailure(from scanner: inout JSONScanner) throws(JSONError) -> StatementFailure {
        var failure = StatementFailure(name: "", message: "")
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
            if try scanner.peekKind() == .null {
                try scanner.readNull()
                continue
            }
            switch name {
            case "Code": failure.name = try scanner.readString()
            case "Message", "message": failure.message = try scanner.readString()
            case "Item": failure.item = try ItemCodec.readItem(from: &scanner)
            default: try scanner.skipValue()
            }
        }
        return failure
    }
}

extension RequestWriter {
    fileprivate mutating func statement(_ statement: PartiQLStatement) throws(ItemProblem) {
        try statement.check()
        json.member("Statement", statement.text)
        if !statement.parameters.isEmpty {
            json.key("Parameters")
            json.beginArray()
            for value in statement.parameters { ItemCodec.write(value, into: &json) }
            json.endArray()
        }
        returning(.none, onConditionFailure: statement.returnItemOnConditionFailure)
    }
}
