/// One change that an update makes.
///
///     update: [.set("status", to: "paid"), .set("total", to: Path("total") + 5), .remove("note")]
public struct UpdateAction: Sendable, Hashable {
    enum Change: Sendable, Hashable {
        case set(Operand.Node, operators: Int)
        case remove
        case add(AttributeValue)
        case delete(AttributeValue)
    }

    let path: Path
    let change: Change

    /// Stores a value at this path: one that is given, or one that DynamoDB computes from the item as it was.
    public static func set(_ path: Path, to value: some ExpressionOperand) -> UpdateAction {
        let operand = value.operand
        return UpdateAction(path: path, change: .set(operand.node, operators: operand.operators))
    }

    /// Takes away what is at this path; of a list's element, the later ones move up.
    public static func remove(_ path: Path) -> UpdateAction { UpdateAction(path: path, change: .remove) }

    /// Adds a number to the one at this path (0 where there is none), or a set's members to the set there.
    public static func add(_ value: some AttributeConvertible, to path: Path) -> UpdateAction {
        UpdateAction(path: path, change: .add(value.attributeValue))
    }

    /// Takes a set's members away from the set at this path.
    public static func delete(_ members: some AttributeConvertible, from path: Path) -> UpdateAction {
        UpdateAction(path: path, change: .delete(members.attributeValue))
    }
}

extension Expression: ExpressibleByArrayLiteral {
    /// An update that makes these changes.
    public init(arrayLiteral elements: UpdateAction...) { self = .update(elements) }

    /// An update that makes these changes, of which no two may be about one path or one inside the other.
    public static func update(_ actions: [UpdateAction]) -> Expression { Expression(.update(actions)) }
}

extension BuiltExpression {
    /// Refuses an update of what no update can change, one that gives an index a key that none takes, and one whose values alone are
    /// more than an item holds.
    func checkChanges(_ schema: KeySchema?) throws(ItemProblem) {
        guard case .update(let actions) = self else { return }
        var bytes = 0
        for action in actions {
            guard case .set(.value(let value), _) = action.change else { continue }
            bytes += ItemSize.bytes(of: value)
            if action.path == Path(action.path.name) { try schema?.checkIndexKey(value, named: action.path.name) }
        }
        guard bytes <= DynamoDBLimits.maximumItemBytes else {
            throw ItemProblem(
                reason:
                    "the update's values have \(bytes) bytes, more than an item's \(DynamoDBLimits.maximumItemBytes): split it, or "
                    + "keep the large part elsewhere")
        }
        guard let keys = schema?.table else { return }
        for action in actions where action.path.name == keys.partition || action.path.name == keys.sort {
            throw ItemProblem(
                reason: "'\(action.path.name)' is a key attribute of the table and cannot be changed: delete the item "
                    + "and put it under its new key")
        }
    }
}

extension KeySchema {
    fileprivate func checkIndexKey(_ value: AttributeValue, named name: String) throws(ItemProblem) {
        for keys in indexes.values {
            if keys.partition == name {
                try RequestWriter.checkKey(value, named: name, limit: DynamoDBLimits.maximumPartitionKeyBytes)
            } else if keys.sort == name {
                try RequestWriter.checkKey(value, named: name, limit: DynamoDBLimits.maximumSortKeyBytes)
            }
        }
    }
}
