  (elem (;0;) (i32.const 0) func $list_1 $list_1 $list_1 $list_1)
  (func $list_0 (param $frame i32) (param $out i32)
    (local i64)
    (if ;; label = @1
      (i32.ge_u
        (i32.load offset=112
          (local.get $frame))
        (i32.const 1))
      (then
        (local.set 2
          (i64.load
            (i32.add
              (local.get $frame)
              (i32.load offset=108
                (local.get $frame)))))
        (if ;; label = @2
          (i32.eqz
            (i64.eqz
              (i64.and
                (local.get 2)
                (i64.const 1))))
          (then
            (call $note_held
              (local.get $out)
              (i64.const 0)
              (i32.const 1))))))
  )
  (func $list_1 (param $frame i32) (param $out i32)
    (if ;; label = @1
      (i32.load offset=112
        (local.get $frame))
      (then
        (call $list_0
          (local.get $frame)
          (local.get $out))))
  )
