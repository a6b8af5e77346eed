  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i64)
    (if ;; label = @1
      (i64.lt_s
        (select
          (local.tee 2
            (i64.rem_s
              (i64.load offset=440
                (local.get $frame))
              (i64.const 86400000)))
          (i64.add
            (local.get 2)
            (i64.const 86400000))
          (i64.ge_s
            (local.get 2)
            (i64.const 0)))
        (i64.const 43200000))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
