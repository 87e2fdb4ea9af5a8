import Testing
import Tidemark

struct KeyConditionTests {
    @Test(arguments: [
        ("pk = :a", nil, "1"), ("pk=:a", nil, "1"), ("(pk = :a) and sk > :b", nil, "1"),
        ("#p = :a AND begins_with(sk, :b)", nil, "1"), ("pk = :a AND sk = :b", nil, nil),
        ("sk = :b AND pk = :a", "pk", "1"), ("#p = :a AND sk = :b", "pk", "1"), ("pk = :a AND sk <= :b", nil, "1"),
        ("pk = :c", nil, nil), ("", nil, nil), (":a = pk", nil, nil), ("pk = :a AND sk BETWEEN :b AND :b", "pk", "1"),
    ])
    func thePartitionKeyIsReadWhereTheTextShowsIt(text: String, name: String?, expected: String?) {
        let condition = Expression(text, names: ["#p": "pk"], values: [":a": "1", ":b": "2"])
        #expect(KeyCondition.partitionKey(of: condition, named: name)?.stringValue == expected)
    }
}
