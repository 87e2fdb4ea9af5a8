internal import JSONBytes

/// The expressions of one request, their names and values brought together.
struct ExpressionSet {
    private var members: [(name: String, expression: Expression)] = []
    private var emitter = ExpressionEmitter()

    /// Adds an expression under the request's member name, such as "FilterExpression".
    ///
    /// - Parameter schema: the table's keys, where they are known.
    mutating func add(_ expression: Expression?, as member: String, schema: KeySchema? = nil) throws(ItemProblem) {
        guard let expression else { return }
        if let built = expression.built {
            try Self.check(built, as: member)
            try built.checkChanges(schema)
            for given in built.givenParts { try emitter.reserve(given) }
        } else {
            try emitter.reserve(expression.given)
        }
        members.append((member, expression))
    }

    private static func check(_ built: BuiltExpression, as member: String) throws(ItemProblem) {
        let wanted =
            switch member {
            case "UpdateExpression": "an update"
            case "ProjectionExpression": "a projection"
            default: "a condition"
            }
        guard built.kind == wanted else {
            throw ItemProblem(reason: "\(built.kind) stands where \(wanted) is expected")
        }
        if member == "KeyConditionExpression", case .condition(let node, _) = built { try KeyCondition.check(node) }
    }

    /// Writes the expressions and what their placeholders stand for. A contradiction in one of them is found here.
    mutating func write(into writer: inout JSONWriter) throws(ItemProblem) {
        for member in members {
            let text: String
            if let built = member.expression.built {
                try emitter.emit(built)
                text = emitter.takeText()
            } else {
                text = member.expression.text
            }
            guard text.utf8.count <= DynamoDBLimits.maximumExpressionBytes else {
                throw ItemProblem(
                    reason: "the \(member.name) has \(text.utf8.count) bytes, more than DynamoDB's "
                        + "\(DynamoDBLimits.maximumExpressionBytes)")
            }
            writer.member(member.name, text)
        }
        let all = emitter.takeAll()
        if !all.names.isEmpty {
            writer.key("ExpressionAttributeNames")
            writer.beginObject()
            for (name, meaning) in all.names { writer.member(name, meaning) }
            writer.endObject()
        }
        if !all.values.isEmpty {
            writer.key("ExpressionAttributeValues")
            ItemCodec.write(all.values, into: &writer)
        }
    }
}
